"""cleanup_expired may do what it does: its calls on moto, held against its role in the template."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from functions.cleanup_expired.handler import clean_up
from functions.cleanup_expired.job import LOCKS, PREFIXES, CleanedUp, CleanupExpired
from tests.contract.conftest import create_table
from tests.infra.cloud import Cloud, listed, statements
from tests.infra.rights import granted, missing, written_down
from workerless import naming
from workerless.aws.s3 import S3Blobs
from workerless.aws.session import AwsClients
from workerless.aws.table import Table
from workerless.aws.value import expiry, text
from workerless.data_ref import payload_key
from workerless.environment import WorkerEnvironment
from workerless.execution.context import JobContext
from workerless.execution.steps import Steps
from workerless.testing.memory import FakeClock

STAGE = "local"
HERE = WorkerEnvironment(
    stage=STAGE,
    table=naming.table(STAGE),
    bucket=naming.bucket(STAGE, "000000000000", "us-east-1"),
    queue_url="queue",
    dead_letter_url="dead",
)


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsClients]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        made = AwsClients()
        create_table(made.dynamodb, HERE.table)
        made.s3.create_bucket(Bucket=HERE.bucket)
        yield made
        made.s3.close()
        made.dynamodb.close()


def test_it_may_do_what_it_does(clients: AwsClients, clouds: Callable[[str], Cloud]) -> None:
    clock = FakeClock(datetime.now(UTC))
    blobs = S3Blobs(lambda: clients.s3, lambda: HERE.bucket, clock)
    blobs.put(payload_key("note", "job-1", "0" * 64), b"{}", keep=timedelta(days=1))
    lock = {"pk": text("LIMIT#note"), "sk": text("LIMIT"), "expires_at": expiry(clock.now())}
    Table(clients.dynamodb, HERE.table, clock).put(lock)
    clock.advance(timedelta(days=9))

    with written_down() as needed:
        told = run(clients, clock)

    assert sum(one.removed for one in told.kinds.values()) == 2
    actions = {action for action, _ in needed}
    assert {"s3:DeleteObject", "dynamodb:DeleteItem", "dynamodb:Scan"} <= actions
    worker = naming.resource(STAGE, "cleanup_expired")
    assert missing(needed, granted(clouds(STAGE), worker)) == set()


def test_it_may_neither_read_what_jobs_hold_nor_delete_anything_but_locks(
    clouds: Callable[[str], Cloud],
) -> None:
    cloud = clouds(STAGE)
    bounds = [
        (action, statement.get("Condition"))
        for template, _, policy in cloud.each("AWS::IAM::Policy")
        if cloud.job_types_of(template) == {"cleanup_expired"}
        for statement in statements(policy)
        for action in listed(statement["Action"])
    ]

    def only(action: str) -> list[object]:
        return [bound for one, bound in bounds if one == action]

    attributes = {"dynamodb:Attributes": ["pk", "sk", "expires_at"]}
    keys = {"dynamodb:LeadingKeys": [f"{lock}*" for lock in LOCKS]}
    assert only("dynamodb:Scan") == [
        {
            "ForAllValues:StringEquals": attributes,
            "StringEquals": {"dynamodb:Select": ["SPECIFIC_ATTRIBUTES"]},
        }
    ]
    assert only("dynamodb:DeleteItem") == [{"ForAllValues:StringLike": keys}]
    assert {"StringLike": {"s3:prefix": [*PREFIXES.values()]}} in only("s3:ListBucket")


def run(clients: AwsClients, clock: FakeClock) -> CleanedUp:
    job = JobContext(
        job_id="cleanup",
        job_type="cleanup_expired",
        attempt=1,
        max_attempts=2,
        deadline=clock.now() + timedelta(minutes=10),
        logger=logging.LoggerAdapter(logging.getLogger("tests"), {}),
        clock=clock,
        save_progress=lambda _progress, _at: True,
        steps=Steps({}, lambda _steps: True),
    )
    return clean_up(CleanupExpired(), job, clients=clients, here=HERE)
