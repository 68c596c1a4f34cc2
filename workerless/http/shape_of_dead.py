"""How dead jobs and their groups look over HTTP."""

from datetime import datetime

from pydantic import Field

from workerless.http.shape import Data, DelayMs, Shape, Why
from workerless.operations.group import Status


class DeadJobShape(Shape):
    """A job that failed for good. `omitted` names what was too big to be sent along."""

    id: str
    data: Data | None
    failed_reason: str
    attempts_made: int
    timestamp: datetime = Field(description="when it failed")
    error_type: str | None
    error: str | None
    fingerprint: str | None
    enqueued_at: datetime
    tenant: str | None
    moved_by_sqs: bool = Field(
        alias="movedBySqs", description="no worker let it fail: every process died, or none took it"
    )
    omitted: list[str]


class DeadJobPage(Shape):
    """Some dead jobs, the latest first."""

    jobs: list[DeadJobShape]
    cursor: str | None


class DeadAttempt(Shape):
    """One failed attempt and all that it said."""

    attempt: int
    at: datetime
    error_type: str
    text: str


class HappeningShape(Shape):
    """Something that happened to a job, and when."""

    at: datetime
    what: str
    detail: str | None


class DeadJobDetail(DeadJobShape):
    """All that is known of a dead job."""

    attempts: list[DeadAttempt]
    timeline: list[HappeningShape]


class Retry(Shape):
    """How to retry; with `data`, another payload, which must fit the job type's model.

    With `force` also a step whose workflow has made good what it did, or goes on without it.
    """

    why: Why | None = None
    data: Data | None = None
    delay_ms: DelayMs = 0
    force: bool = False


class Done(Shape):
    """It is done."""

    success: bool


class Retried(Shape):
    """How many jobs run again; null while `operationId` is still at work."""

    retried: int | None
    operation_id: str


class Cleaned(Shape):
    """How many jobs are done with; null while `operationId` is still at work."""

    cleaned: int | None
    operation_id: str


class GroupShape(Shape):
    """Dead jobs that failed of what looks like the same error."""

    fingerprint: str
    error_type: str | None
    sample_message: str
    sample_ids: list[str]
    count: int
    at_least: bool
    first_seen: datetime
    last_seen: datetime
    status: Status
    by: str | None
    at: datetime | None
    why: str | None


class GroupList(Shape):
    """The groups of one job type, the largest first."""

    groups: list[GroupShape]


class Word(Shape):
    """Why it is said or done."""

    why: Why | None = None
