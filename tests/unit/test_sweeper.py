"""The sweeper's Lambda function, on moto."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.unit.execution.bench import TASK, Task
from tests.unit.schedule.at_nine import HOUR, a_plan
from workerless import naming
from workerless.aws.session import AwsClients
from workerless.aws.table import Table
from workerless.aws.workflow.containers import DynamoContainers
from workerless.client import connect
from workerless.due import SHARDS
from workerless.environment import SweeperEnvironment
from workerless.errors import StoreUnavailableError, WorkerlessError
from workerless.execution.schedule_sweep import ScheduleSweeper
from workerless.ports import Due
from workerless.schedule.plan import write_plan
from workerless.sweeper import SweeperFunction, World
from workerless.testing.memory import InMemoryStore, RecordingTelemetry
from workerless.testing.pulse import InMemoryPulses
from workerless.testing.schedule.scheduler import InMemoryScheduler
from workerless.workflow.definition import Kind
from workerless.workflow_ports import Container

NOTHING = {
    "due": 0,
    "sent": 0,
    "failed": 0,
    "schedules": 0,
    "workflows": 0,
    "letters": 0,
    "explained": 0,
    "returned": 0,
    "dropped": 0,
    "undeliverable": 0,
    "filed": 0,
    "archived": 0,
}


class Context:
    """Lambda's, as far as the sweeper looks."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("WORKERLESS_STAGE", "test")
    monkeypatch.setenv("WORKERLESS_TABLE", "workerless-test")
    monkeypatch.setenv("WORKERLESS_BUCKET", "workerless-test-files")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        clients: list[Any] = [boto3.client(name) for name in ("dynamodb", "sqs", "ssm")]
        dynamodb, sqs, ssm = clients
        types = {"pk": "S", "sk": "S", "due_shard": "N", "due_at": "N"}
        dynamodb.create_table(
            TableName="workerless-test",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind} for name, kind in types.items()
            ],
            KeySchema=_keys("pk", "sk"),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "due",
                    "KeySchema": _keys("due_shard", "due_at"),
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )
        url = sqs.create_queue(QueueName="workerless-test-task")["QueueUrl"]
        dead = sqs.create_queue(QueueName="workerless-test-task-dead")["QueueUrl"]
        address = {"queue": url, "dead_letters": dead, "function": "workerless-test-task"}
        ssm.put_parameter(
            Name="/workerless/test/job-types/task", Type="String", Value=json.dumps(address)
        )
        yield url
        for client in clients:
            client.close()


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def test_job_that_falls_due_is_sent_and_counted(queue: str) -> None:
    client = connect("test")
    job = client.enqueue(TASK, Task(text="stuck"))
    sqs = boto3.client("sqs")
    sqs.purge_queue(QueueUrl=queue)
    client.reschedule(job.id, timedelta(minutes=15, seconds=1))
    _make_due(job.id)
    sweeper = SweeperFunction()

    first, second = sweeper({}, Context()), sweeper({}, Context())

    assert (first, second) == (NOTHING | {"due": 1, "sent": 1}, NOTHING)
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesDelayed"] == "1"
    sqs.close()


def test_tick_that_nobody_sent_is_made_up_for(queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = a_plan(schedule_id="task-hourly", job_type="task", data={"text": "hourly"})
    ssm = boto3.client("ssm")
    name = naming.schedule_parameter("test", plan.schedule_id)
    ssm.put_parameter(Name=name, Type="String", Value=json.dumps(write_plan(plan)))
    ssm.put_parameter(Name=f"{name}-bad", Type="String", Value="{}")
    now = [datetime.now(UTC).replace(minute=10, second=0, microsecond=0)]
    monkeypatch.setattr("workerless.aws.clock.SystemClock.now", lambda _: now[0])
    sweeper = SweeperFunction()
    assert sweeper({}, Context()) == NOTHING

    now[0] += HOUR
    assert sweeper({}, Context())["schedules"] == 1
    job = connect("test").job(plan.job_id(now[0].replace(minute=0)))
    assert job.status().data == {"text": "hourly"}
    ssm.close()


def test_schedules_leave_time_for_jobs(queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[timedelta] = []

    def looked(sweeper: ScheduleSweeper) -> int:
        left.append(sweeper.until - sweeper.ticking.clock.now())
        return 0

    monkeypatch.setattr("workerless.sweeper.sweep_schedules", looked)
    world = World(SweeperEnvironment.read(os.environ))
    world.sweep(timedelta(minutes=10))
    assert timedelta(0) < left[0] <= timedelta(seconds=30)


def test_no_shard_waits_for_another(queue: str) -> None:
    """However full one is: each is asked while all others are, else nobody gets past here."""
    together = Barrier(SHARDS, timeout=30)

    class Crowded(InMemoryStore):
        def due(self, shard: int, *, before: datetime, limit: int) -> Sequence[Due]:
            together.wait()
            return super().due(shard, before=before, limit=limit)

    world = World(SweeperEnvironment.read(os.environ))
    world.store = Crowded(world.clock)

    assert world.sweep(timedelta(minutes=1)) == NOTHING


def test_jobs_do_not_wait_for_scheduler(queue: str) -> None:
    """However long it takes to tell what it has: with 100,000 schedules that is a minute."""
    asked: list[str] = []

    class Busy(InMemoryStore):
        def due(self, shard: int, *, before: datetime, limit: int) -> Sequence[Due]:
            asked.append("jobs")
            return super().due(shard, before=before, limit=limit)

    class Full(InMemoryScheduler):
        def ids(self, has_time: Callable[[], bool]) -> set[str] | None:
            asked.append("scheduler")
            return super().ids(has_time)

    world = World(SweeperEnvironment.read(os.environ))
    world.store, world.scheduler = Busy(world.clock), Full()

    assert world.sweep(timedelta(minutes=1)) == NOTHING
    assert asked[-1] == "scheduler"
    assert asked.count("scheduler") == 1


def test_dead_letters_are_seen_to_and_counted(queue: str) -> None:
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=f"{queue}-dead", MessageBody='{"text": "never started"}')
    sqs.send_message(QueueUrl=f"{queue}-dead", MessageBody="not json")

    found = SweeperFunction()({}, Context())

    assert (found["returned"], found["filed"]) == (1, 1)
    sqs.close()


def test_old_dead_letter_goes_to_the_bucket(queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sqs, s3 = boto3.client("sqs"), boto3.client("s3")
    s3.create_bucket(Bucket="workerless-test-files")
    sqs.send_message(QueueUrl=f"{queue}-dead", MessageBody='{"text": "never started"}')
    # moto's clock is the machine's, and no other can be set.
    later = datetime.now(UTC) + timedelta(days=13, minutes=1)
    monkeypatch.setattr("workerless.aws.clock.SystemClock.now", lambda _: later)

    found = SweeperFunction()({}, Context())

    (file,) = s3.list_objects_v2(Bucket="workerless-test-files")["Contents"]
    assert found == NOTHING | {"letters": 1, "archived": 1}
    assert file["Key"].startswith("archive/dead-letters/task/")
    for client in (sqs, s3):
        client.close()


def test_batch_that_nobody_looked_at_is_ordered_to_be(queue: str) -> None:
    sqs = boto3.client("sqs")
    orders = sqs.create_queue(QueueName=naming.workflows_queue("test"))["QueueUrl"]
    world = World(SweeperEnvironment.read(os.environ))
    table = Table(AwsClients().dynamodb, "workerless-test", world.clock)
    made = datetime.now(UTC) - HOUR
    DynamoContainers(table, world.clock).create(
        Container(
            container_id="batch-1",
            name="batch",
            kind=Kind.BATCH,
            state="running",
            control="{}",
            created_at=made,
            updated_at=made,
        )
    )

    first, second = (world.sweep(timedelta(minutes=1)) for _ in range(2))

    assert (first, second) == (NOTHING | {"workflows": 1}, NOTHING)
    (message,) = sqs.receive_message(QueueUrl=orders)["Messages"]
    assert message["Body"] == '{"container": "batch-1"}'
    sqs.close()


def test_sweeper_leaves_a_heartbeat(queue: str) -> None:
    world = World(SweeperEnvironment.read(os.environ))
    before = world.clock.now()

    world.sweep(timedelta(minutes=1))

    pulse = world.pulses.last()
    assert pulse is not None
    assert pulse.at >= before - timedelta(milliseconds=1)


def test_heartbeat_that_is_lost_costs_no_sweep(queue: str) -> None:
    class Silent(InMemoryPulses):
        def beat(self, now: datetime) -> None:
            raise StoreUnavailableError("no answer")

    world = World(SweeperEnvironment.read(os.environ))
    world.pulses = Silent()
    world.telemetry = telemetry = RecordingTelemetry()

    assert world.sweep(timedelta(minutes=1)) == NOTHING
    assert "heartbeat_lost" in str(telemetry.troubles)


def _make_due(job_id: str) -> None:
    """As if time had passed: only the index's attribute is moved."""
    dynamodb = boto3.client("dynamodb")
    dynamodb.update_item(
        TableName="workerless-test",
        Key={"pk": {"S": f"JOB#{job_id}"}, "sk": {"S": "RECORD"}},
        UpdateExpression="SET due_at = :then",
        ExpressionAttributeValues={":then": {"N": "1"}},
    )
    dynamodb.close()


def test_sweeper_without_its_environment_names_every_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("WORKERLESS_STAGE", raising=False)
    monkeypatch.delenv("WORKERLESS_TABLE", raising=False)
    monkeypatch.delenv("WORKERLESS_BUCKET", raising=False)

    wanted = "WORKERLESS_STAGE, WORKERLESS_TABLE, WORKERLESS_BUCKET"
    with pytest.raises(WorkerlessError, match=wanted):
        SweeperFunction()({}, Context())
