"""The composition root of operators and the operator function, on moto."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.contract.conftest import create_table
from workerless.environment import SweeperEnvironment
from workerless.errors import EnqueueRefusedError, WorkerlessError
from workerless.ledger import Counts, Kind, Stand, is_id
from workerless.operating import OperatorFunction, desk, operate
from workerless.payload import digest
from workerless.ports import Outgoing
from workerless.search import Search
from workerless.states import State
from workerless.testing.sample import a_record, an_error

DECLARATION = '''
from workerless import JobType, Payload


class Task(Payload):
    """What is to be done."""

    text: str


task = JobType(name="task", payload=Task)
'''


class Context:
    """Lambda's, as far as the operator looks."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A deployed stage without an operator function, and a checkout of it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        clients: list[Any] = [boto3.client(name) for name in ("dynamodb", "sqs", "ssm")]
        dynamodb, sqs, ssm = clients
        create_table(dynamodb, "workerless-test")
        url = sqs.create_queue(QueueName="workerless-test-task")["QueueUrl"]
        dead = sqs.create_queue(QueueName="workerless-test-task-dead")["QueueUrl"]
        address = {"queue": url, "dead_letters": dead, "function": "workerless-test-task"}
        core = {"table": "workerless-test", "bucket": "files", "topic": "alarms"}
        for name, value in (("job-types/task", address), ("core", core)):
            ssm.put_parameter(
                Name=f"/workerless/test/{name}", Type="String", Value=json.dumps(value)
            )
        (tmp_path / "functions" / "task").mkdir(parents=True)
        (tmp_path / "functions" / "__init__.py").touch()
        (tmp_path / "functions" / "task" / "__init__.py").touch()
        (tmp_path / "functions" / "task" / "job.py").write_text(DECLARATION)
        yield tmp_path
        for client in clients:
            client.close()


def kill(number: int) -> None:
    """So many dead jobs, each with its letter."""
    at = desk("test", by="nobody")
    letters = at.directory.find("task").dead_letters
    for n in range(number):
        body = f'{{"text":"{n}"}}'
        record = a_record(f"job-{n}", job_type="task", body=body, digest=digest({"text": str(n)}))
        at.store.put_many([record])
        expires_at = at.clock.now() + timedelta(days=1)
        at.store.give_up(
            record, at=record.run_at, reason="x", error=an_error(), expires_at=expires_at
        )
        told = {"job_id": record.job_id, "job_type": "task", "reason": "x"}
        at.queue.send_many(letters, [Outgoing(body=body, attributes=told)])


def run(monkeypatch: pytest.MonkeyPatch, function: OperatorFunction) -> dict[str, int]:
    environment = SweeperEnvironment(stage="test", table="workerless-test", bucket="files")
    for name, value in environment.render().items():
        monkeypatch.setenv(name, value)
    return function({}, Context())


def test_function_drives_on_what_was_started(stage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kill(30)
    bulk = operate("test", by="ada").bulk
    started = bulk.start(Kind.RETRY, Search(job_type="task"), why="fixed")
    function = OperatorFunction()

    first, second = run(monkeypatch, function), run(monkeypatch, function)

    assert (first, second) == (
        {"operations": 1, "running": 0, "paused": 0, "scaled": 0},
        {"operations": 0, "running": 0, "paused": 0, "scaled": 0},
    )
    done = bulk.get(started.operation_id)
    assert (done.stand, done.counts) == (Stand.DONE, Counts(total=30, done=30, letters=30))
    assert operate("test").queues.stats("task").waiting.number == 30


def test_whoever_has_the_credentials_is_who_acts(stage: Path) -> None:
    kill(1)
    operations = operate("test")

    operations.dead.discard("job-0", why="old")
    operations.acting_as("bob").groups.ignore("task", "0" * 16)

    assert [one.by for one in operations.audit.list().items] == [
        "bob",
        "arn:aws:sts::123456789012:user/moto",
    ]


def test_edit_is_checked_against_the_declaration_in_the_checkout(stage: Path) -> None:
    kill(1)

    with pytest.raises(EnqueueRefusedError, match="text"):
        operate("test", root=stage).dead.retry("job-0", data={"text": 1})
    with pytest.raises(EnqueueRefusedError, match="not at hand"):
        operate("test", root=stage / "elsewhere").dead.retry("job-0", data={"text": "x"})

    record = operate("test", root=stage).dead.retry("job-0", data={"text": "x"})
    assert record.state is State.PENDING


def test_function_that_is_not_there_is_a_warning(
    stage: Path, caplog: pytest.LogCaptureFixture
) -> None:
    operate("test").bulk.kick()

    assert "operator_not_called" in caplog.text


def test_ids_sort_by_time(stage: Path) -> None:
    new_id = desk("test").new_id

    ids = [new_id() for _ in range(50)]
    times = [one.partition("-")[0] for one in ids]

    assert times == sorted(times)
    assert len(set(ids)) == 50
    assert all(is_id(one) for one in ids)


def test_function_without_its_environment_names_every_variable() -> None:
    with pytest.raises(WorkerlessError, match="WORKERLESS_STAGE, WORKERLESS_TABLE"):
        OperatorFunction()({}, Context())
