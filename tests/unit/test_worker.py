"""The Lambda function itself: what is made when, and how it is called."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from tests.unit.execution.bench import TASK, Done, Task
from workerless import JobType, Tracking
from workerless.aws.session import AwsClients
from workerless.environment import WorkerEnvironment
from workerless.errors import DeclarationError, WorkerlessError
from workerless.worker import Worker, worker

HERE = WorkerEnvironment(
    stage="test",
    table="workerless-test",
    bucket="bucket",
    queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/workerless-test-task",
    dead_letter_url="https://sqs.us-east-1.amazonaws.com/123456789012/workerless-test-task-dead",
)


class Context:
    """Lambda's, as far as the worker looks."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in HERE.render().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("dynamodb")
        key = {"pk": "HASH", "sk": "RANGE"}
        client.create_table(
            TableName=HERE.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in key],
            KeySchema=[{"AttributeName": n, "KeyType": t} for n, t in key.items()],  # type: ignore[typeddict-item]  # literals
        )
        yield
        client.close()


@pytest.fixture
def made() -> Iterator[list[Worker]]:
    workers: list[Worker] = []
    yield workers
    for one in workers:
        one.close()


def event(**data: str) -> dict[str, list[dict[str, object]]]:
    record: dict[str, object] = {
        "messageId": "message-1",
        "receiptHandle": "receipt",
        "body": json.dumps(data),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1767225600000"},
    }
    return {"Records": [record]}


@pytest.mark.usefixtures("aws")
def test_event_of_lambda_is_worked_on_with_the_real_adapters(made: list[Worker]) -> None:
    texts: list[str] = []

    def perform(payload: Task) -> Done:
        texts.append(payload.text)
        return Done(text=payload.text)

    made.append(worker(TASK)(perform))

    first = made[0](event(text="hello"), Context())
    again = made[0](event(text="hello"), Context())

    assert first == again == {"batchItemFailures": []}
    assert texts == ["hello"]


def test_untracked_worker_makes_no_client_of_the_table(
    made: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in HERE.render().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    asked: list[str] = []
    monkeypatch.setattr(AwsClients, "dynamodb", property(lambda _: asked.append("dynamodb")))
    texts: list[str] = []
    off = JobType(name="task", payload=Task, timeout=timedelta(seconds=5), tracking=Tracking.OFF)

    def perform(task: Task) -> None:
        texts.append(task.text)

    made.append(worker(off)(perform))

    with mock_aws():
        answer = made[0](event(text="hello"), Context())

    assert (answer, texts, asked) == ({"batchItemFailures": []}, ["hello"], [])


@pytest.mark.usefixtures("aws")
def test_on_init_runs_once_before_the_first_job(made: list[Worker]) -> None:
    order: list[str] = []

    def perform(payload: Task) -> Done:
        order.append("job")
        return Done(text=payload.text)

    made.append(worker(TASK, on_init=lambda: order.append("init"))(perform))
    assert order == []

    made[0](event(), Context())
    made[0](event(), Context())

    assert order == ["init", "job"]


@pytest.mark.usefixtures("aws")
def test_inside_lambda_clients_and_on_init_come_with_the_init_phase(
    made: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "workerless-test-task")

    made.append(
        worker(TASK, on_init=lambda: order.append("init"))(lambda task: Done(text=task.text))
    )

    assert order == ["init"]


@pytest.mark.usefixtures("aws")
def test_on_init_that_raises_is_tried_again_by_the_next_environment_or_invocation(
    made: list[Worker],
) -> None:
    tries: list[int] = []

    def connect() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError("database")

    made.append(worker(TASK, on_init=connect)(lambda task: Done(text=task.text)))

    with pytest.raises(ConnectionError):
        made[0](event(), Context())
    assert made[0](event(), Context()) == {"batchItemFailures": []}
    assert len(tries) == 2


def test_worker_without_its_environment_names_every_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in os.environ if name.startswith("WORKERLESS_")]:
        monkeypatch.delenv(name)

    with pytest.raises(WorkerlessError, match="WORKERLESS_TABLE, WORKERLESS_BUCKET"):
        worker(TASK)(lambda task: Done(text=task.text))(event(), Context())


def test_handler_with_another_signature_is_refused_when_declared() -> None:
    def too_much(payload: Task, job: object, more: object) -> Done:
        raise AssertionError(payload, job, more)

    with pytest.raises(DeclarationError, match=r"must take \(payload\) or \(payload, job\)"):
        worker(TASK)(too_much)  # type: ignore[arg-type]  # what the test is about


def test_importing_a_worker_makes_nothing() -> None:
    made = worker(TASK, on_init=lambda: pytest.fail("called"))(lambda task: Done(text=task.text))

    assert made.job_type is TASK
    assert timedelta(0) < TASK.function_timeout
