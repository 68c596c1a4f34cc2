"""What the job type ``cleanup_expired`` is: files and locks that outlived their jobs, removed."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from workerless import Allow, Every, Exponential, JobType, Payload, Result, Schedule


class Kind(StrEnum):
    """What is looked through, in this order."""

    PAYLOADS = "payloads"
    RESULTS = "results"
    ERRORS = "errors"
    ARCHIVES = "archives"
    LOCKS = "locks"


# Below these lie the files of each kind, in the stage's bucket.
PREFIXES = {
    Kind.PAYLOADS: "payloads/",
    Kind.RESULTS: "results/",
    Kind.ERRORS: "errors/",
    Kind.ARCHIVES: "archive/dead-letters/",
}
# What the partition keys of locks begin with, in the stage's table: permits and lines of
# concurrency keys, rate limits, unique jobs. And the key of what a run leaves for the next.
LOCKS = ("SEMAPHORE#", "LIMIT#", "UNIQUE#")
BOOKMARKS = "CLEANUP"

_TABLE = "arn:{partition}:dynamodb:{region}:{account}:table/workerless-{stage}"
_BUCKET = "arn:{partition}:s3:::{bucket}"


class CleanupExpired(Payload):
    """Remove files and locks that outlived their jobs, some in each run.

    A run looks at ``limit`` items of each of ``kinds`` at most; the next goes on where it ended.
    With ``dry_run`` it only counts, and the next run begins where it began.
    """

    dry_run: bool = False
    limit: Annotated[int, Field(ge=100, le=20_000)] = 2_000
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = tuple(Kind)


class Swept(BaseModel):
    """What became of one kind: ``removed`` of those ``seen``, or would have been in a dry run.

    ``size_bytes`` is that of the files removed. ``is_through`` tells that the last one was seen:
    the next run begins anew.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    seen: int
    removed: int
    size_bytes: int
    is_through: bool


class CleanedUp(Result):
    """What one run did, by kind."""

    dry_run: bool
    kinds: dict[Kind, Swept]


cleanup_expired = JobType(
    name="cleanup_expired",
    payload=CleanupExpired,
    result=CleanedUp,
    # What it leaves undone the next run does.
    retry=Exponential(attempts=2, first=timedelta(minutes=1)),
    concurrency=2,
    schedules=(Schedule("hourly", Every(hours=1), CleanupExpired()),),
    permissions=(
        Allow(
            actions=("s3:ListBucket",),
            resources=(_BUCKET,),
            conditions={"StringLike": {"s3:prefix": tuple(PREFIXES.values())}},
        ),
        Allow(
            actions=("s3:GetObjectTagging", "s3:DeleteObject"),
            resources=tuple(f"{_BUCKET}/{prefix}*" for prefix in PREFIXES.values()),
        ),
        # To find locks, but nothing of what jobs hold.
        Allow(
            actions=("dynamodb:Scan",),
            resources=(_TABLE,),
            conditions={
                "ForAllValues:StringEquals": {"dynamodb:Attributes": ("pk", "sk", "expires_at")},
                "StringEquals": {"dynamodb:Select": ("SPECIFIC_ATTRIBUTES",)},
            },
        ),
        Allow(
            actions=("dynamodb:DeleteItem",),
            resources=(_TABLE,),
            conditions={
                "ForAllValues:StringLike": {
                    "dynamodb:LeadingKeys": tuple(f"{lock}*" for lock in LOCKS)
                }
            },
        ),
        Allow(
            actions=("dynamodb:BatchGetItem",),
            resources=(_TABLE,),
            conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": (BOOKMARKS,)}},
        ),
    ),
)
