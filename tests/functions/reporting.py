"""What the tests of ``generate_report`` share: files in memory, jobs that have ended, a run."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from botocore.exceptions import ClientError

from functions.generate_report.collect import Collection
from functions.generate_report.files import Files
from workerless import State
from workerless.record import Record
from workerless.testing.memory import FakeClock, InMemoryDirectory, InMemoryStore
from workerless.testing.sample import a_record

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

BERLIN = ZoneInfo("Europe/Berlin")
BUCKET = "workerless-test-123456789012-eu-central-1"


@dataclass
class FilesInMemory:
    """What an S3 client does for these files."""

    written: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put_object(self, **told: Any) -> None:
        self.written[told["Key"]] = told

    def get_object(self, **told: Any) -> dict[str, Any]:
        if told["Key"] not in self.written:
            error = {"Error": {"Code": "AccessDenied", "Message": "no"}}
            raise ClientError(cast("Any", error), "GetObject")
        return {"Body": BytesIO(self.written[told["Key"]]["Body"])}

    @property
    def files(self) -> Files:
        return Files(s3=cast("S3Client", self), bucket=BUCKET)


@dataclass
class Place:
    """A stage with one job type, ``send_email``, as a run of the report finds it."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(datetime(2026, 11, 20, tzinfo=UTC)))
    s3: FilesInMemory = field(default_factory=FilesInMemory)
    directory: InMemoryDirectory = field(default_factory=lambda: InMemoryDirectory(["send_email"]))

    def __post_init__(self) -> None:
        self.store = InMemoryStore(self.clock)

    def run(self, zone: ZoneInfo = BERLIN) -> Collection:
        return Collection(
            rows=self.store,
            tracking={one.job_type: one.tracking for one in self.directory.all()},
            files=self.s3.files,
            zone=zone,
            now=self.clock.now(),
        )

    def put(self, *records: Record) -> None:
        self.store.put_many(records)


def ended(job_id: str, at: datetime, **changes: Any) -> Record:
    """A job that took a second, and whose record is kept for a day from its end."""
    told: dict[str, Any] = {
        "state": State.COMPLETED,
        "attempt": 1,
        "enqueued_at": at - timedelta(seconds=2),
        "started_at": at - timedelta(seconds=1),
        "finished_at": at,
        "updated_at": at,
        "expires_at": at + timedelta(days=1),
    }
    return a_record(job_id, **told | changes)
