"""How schedules look over HTTP. Durations are milliseconds."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field

from workerless.http.shape import Data, Shape, Tag, Why
from workerless.schedule.backfill import MAX_LIMIT
from workerless.schedule.schedule import MAX_WINDOW, Missed, Overlap
from workerless.schedule.stand import Outcome, Reprocess
from workerless.states import State
from workerless.tag import MAX_TAGS

# Milliseconds; what each may be is checked with the rest.
Span = Annotated[int, Field(ge=0, le=MAX_WINDOW // timedelta(milliseconds=1))]
_BY = Field(description="null to a tenant, unless it was the caller itself")


class SchedulePauseShape(Shape):
    """No tick runs; null `until`: until a resume."""

    by: str | None = _BY
    at: datetime
    why: str
    until: datetime | None


class RunShape(Shape):
    """What became of a tick, or of `count` of them of which this is the last."""

    tick: datetime
    outcome: Outcome
    at: datetime
    count: int
    job_id: str | None
    state: State | None = Field(description="that of its job, as long as its record is kept")
    after: datetime | None = Field(
        description="its job covers all that was due later than this, up to the tick"
    )
    backfill: str | None = Field(description="the backfill that it is part of")


class BackfillShape(Shape):
    """A range that is run later or again; without an id it is a dry run."""

    id: str | None
    after: datetime = Field(description="the ticks later than this are left to look at")
    until: datetime
    limit: int
    reprocess: Reprocess
    by: str | None = _BY
    at: datetime
    started: int
    left_out: int
    finished_at: datetime | None
    ticks: list[datetime] = Field(description="of a dry run: those that would run")
    at_least: bool = Field(description="of a dry run: only the first 1,000 ticks were looked at")


class ScheduleRow(Shape):
    """A schedule in a list."""

    id: str
    job_type: str
    dynamic: bool = Field(description="made at run time, not declared by its job type")
    when: str = Field(examples=["0 9 * * 1-5", "rate(5 minutes)", "at(2026-12-01T09:00:00)"])
    timezone: str = Field(examples=["Europe/Berlin"])
    description: str = Field(examples=["At 09:00 on Monday through Friday (Europe/Berlin)"])
    tenant: str | None
    next: datetime | None = Field(
        description="its next tick that runs; null where none follows, or a resume must come first"
    )
    paused: SchedulePauseShape | None
    last: RunShape | None = Field(description="what became of the last tick, backfills left out")


class ScheduleShape(ScheduleRow):
    """A schedule, what its jobs are like, and how it stands."""

    data: Data
    overlap: Overlap
    missed: Missed
    window_ms: int
    tolerance_ms: int
    spread_ms: int
    start: datetime | None
    end: datetime | None
    tags: list[str]
    upcoming: list[datetime] = Field(description="the next five ticks, as if nobody paused it")
    queued: datetime | None = Field(description="the tick that waits for the run before")
    runs: list[RunShape] = Field(description="the last ones, in the order they were decided")
    backfill: BackfillShape | None = Field(description="the last one")


class SchedulePage(Shape):
    """Some schedules, the next to be due first. A page may be short, and have a next."""

    schedules: list[ScheduleRow]
    cursor: str | None


class TickList(Shape):
    """When a schedule is due next, as if nobody paused it."""

    ticks: list[datetime]


class PutSchedule(Shape):
    """All of a schedule to be made, or to be like that from now on.

    `when` is cron, `rate(...)` or `at(...)`. With `dryRun` it is checked, shown, and not kept.
    """

    when: Annotated[str, Field(min_length=1, max_length=256, examples=["0 9 * * 1-5"])]
    timezone: Annotated[str, Field(max_length=50, examples=["Europe/Berlin"])] = "UTC"
    data: Data = Field(examples=[{"number": 7}])
    overlap: Overlap = Overlap.SKIP
    missed: Missed = Missed.LATEST
    window_ms: Span = 86_400_000
    tolerance_ms: Span = 300_000
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    spread_ms: Span = 0
    tenant: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="whose its jobs are; a tenant's own without being told"
    )
    tags: Annotated[list[Tag], Field(max_length=MAX_TAGS)] = Field(default_factory=list)
    why: Why | None = None
    dry_run: bool = False


class KeptSchedule(Shape):
    """A schedule as it stands after a `PUT`, and what that did; neither of a dry run."""

    schedule: ScheduleShape
    created: bool
    changed: bool


class PauseSchedule(Shape):
    """A pause to begin, in the place of an earlier one."""

    why: Why = Field(examples=["the partner is closed"])
    until: AwareDatetime | None = None


class StartedRun(Shape):
    """The job that was enqueued."""

    job_id: str


class StartBackfill(Shape):
    """The ticks from `first` to `last`, both included, `limit` of them at once.

    `reprocess`: which of them run though they had a job. With `dryRun` nothing is done but looking.
    """

    first: AwareDatetime
    last: AwareDatetime
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 1
    reprocess: Reprocess = Reprocess.NONE
    dry_run: bool = False
    why: Why | None = None
