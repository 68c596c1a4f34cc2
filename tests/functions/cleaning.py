"""A stage to clean up, on moto's S3 and DynamoDB."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.cleanup_expired.handler import aws_clients, clean_up
from functions.cleanup_expired.job import CleanedUp, CleanupExpired
from tests.contract.conftest import create_table
from workerless.aws.item import to_item
from workerless.aws.s3 import S3Blobs
from workerless.aws.table import Table
from workerless.data_ref import payload_key
from workerless.environment import WorkerEnvironment
from workerless.execution.context import JobContext
from workerless.execution.steps import Steps
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_record

BUCKET = "workerless-test-123456789012-eu-central-1"
DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
DIGEST = "0" * 64
HERE = WorkerEnvironment(
    stage="test", table="workerless-test", bucket=BUCKET, queue_url="queue", dead_letter_url="dead"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage whose files S3 dates itself: its clock begins where S3's stands."""

    clock: FakeClock
    blobs: S3Blobs
    table: Table

    def clean(self, *, has_time: bool = True, **order: Any) -> CleanedUp:
        left = timedelta(minutes=5) if has_time else timedelta(seconds=30)
        job = JobContext(
            job_id="cleanup",
            job_type="cleanup_expired",
            attempt=1,
            max_attempts=2,
            deadline=self.clock.now() + left,
            logger=logging.LoggerAdapter(logging.getLogger("tests"), {}),
            clock=self.clock,
            save_progress=lambda _progress, _at: True,
            steps=Steps({}, lambda _steps: True),
        )
        return clean_up(CleanupExpired(**order), job, clients=aws_clients(), here=HERE)

    def removed(self, **order: Any) -> dict[str, int]:
        told = self.clean(**order).kinds
        return {kind.value: one.removed for kind, one in told.items() if one.removed}

    def keys(self) -> list[str]:
        found = aws_clients().s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [one["Key"] for one in found]

    def locks(self) -> list[str]:
        items = aws_clients().dynamodb.scan(TableName=HERE.table)["Items"]
        return sorted(item["pk"]["S"] for item in items)

    def record(self, job_id: str, **changes: Any) -> None:
        self.table.put(to_item(a_record(job_id, **changes)))

    def files(self, count: int, *, keep: timedelta = DAY) -> None:
        for number in range(count):
            self.blobs.put(payload_key("note", f"job-{number:03}", DIGEST), b"{}", keep=keep)


@contextmanager
def a_stage() -> Iterator[Stage]:
    aws_clients.cache_clear()
    clients = aws_clients()
    clients.s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    create_table(clients.dynamodb, HERE.table)
    clock = FakeClock(datetime.now(UTC))
    yield Stage(
        clock=clock,
        blobs=S3Blobs(lambda: clients.s3, lambda: BUCKET, clock),
        table=Table(clients.dynamodb, HERE.table, clock),
    )
    clients.s3.close()
    clients.dynamodb.close()
    aws_clients.cache_clear()
