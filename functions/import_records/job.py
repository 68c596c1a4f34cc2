"""What the job type ``import_records`` is: a file of any length, read row by row."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from workerless import Allow, Exponential, JobType, Payload, Result

# Below imports/uploads/ only, in segments that start with neither '.' nor '/'.
_SEGMENT = "[A-Za-z0-9_=-][A-Za-z0-9._=-]*"
SourceKey = Annotated[
    str,
    StringConstraints(max_length=512, pattern=rf"^imports/uploads/(?:{_SEGMENT}/)*{_SEGMENT}$"),
]


class ImportRecords(Payload):
    """A file of customers in CSV, with or without quotes, its first row the names of its columns.

    ``source`` is its key in the project's bucket. Its text is UTF-8; other columns than those of a
    ``Customer`` are left out. Each row is checked by itself: what is wrong with one is told in the
    report, and the others are saved.
    """

    source: SourceKey
    separator: Literal[",", ";", "\t", "|"] = ","


class Place(BaseModel):
    """How far an import is: ``row`` rows, ``offset`` bytes of the file that had ``etag``.

    Of these rows so many were accepted and rejected; a blank one is neither. ``jobs`` counts those
    of ``save_records``, and ``batch`` is the number of the batch that they join now.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    etag: str
    offset: int
    row: int = 0
    accepted: int = 0
    rejected: int = 0
    jobs: int = 0
    batch: int = 1


class RecordsImported(Result):
    """What became of the rows. ``report`` is the key of the file that tells of the rejected ones.

    It tells of the first 10,000 of them; None where all were accepted. The accepted ones are on
    their way, in so many ``jobs`` of ``save_records``: members of ``batches``, mostly one, which
    tell how many are saved.
    """

    rows: int
    accepted: int
    rejected: int
    jobs: int
    batches: list[str]
    report: str | None


import_records = JobType(
    name="import_records",
    payload=ImportRecords,
    result=RecordsImported,
    cursor=Place,
    # Of one stretch: a job whose process was killed goes on once that could be over.
    timeout=timedelta(minutes=3),
    retry=Exponential(attempts=5, first=timedelta(seconds=5), cap=timedelta(minutes=10)),
    concurrency=2,
    memory_mb=512,
    permissions=(
        Allow(
            actions=("s3:GetObject",),
            resources=("arn:{partition}:s3:::{bucket}/imports/uploads/*",),
        ),
        Allow(
            actions=("s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"),
            resources=("arn:{partition}:s3:::{bucket}/imports/reports/*",),
        ),
    ),
    children=("save_records",),
)
