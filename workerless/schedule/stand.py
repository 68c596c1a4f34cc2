"""Where a schedule stands: what was decided of its ticks, and what is left to do. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache

from pydantic import TypeAdapter

from workerless.frozen import frozen, replace
from workerless.schedule.plan import MOMENT, Plan, read_plan, write_plan

# Of the runs that are over, so many are remembered.
KEPT_RUNS = 20
FAR = datetime(9999, 1, 1, tzinfo=UTC)


class Outcome(StrEnum):
    """What became of a tick.

    ``DUE``: its job is about to be enqueued. ``STARTED``: it was. ``ENDED``: that job has ended.
    ``CANCELLING`` and ``CANCELLED``: a later tick called its job off. ``SKIPPED``: the run before
    was not over. ``QUEUED``: it waits for that. ``MISSED``: it was not there in time; runs that
    make up for it follow. ``PAUSED``: nobody wanted it.
    """

    DUE = "due"
    STARTED = "started"
    ENDED = "ended"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    QUEUED = "queued"
    MISSED = "missed"
    PAUSED = "paused"


_OPEN = {Outcome.DUE, Outcome.STARTED}
_UNDONE = {Outcome.DUE, Outcome.CANCELLING}


@frozen
class Run:
    """A tick, or ``count`` of them with the same outcome, the last of which was ``tick``.

    One that started covers what was due later than ``after``. ``backfill`` is the id of the
    backfill that it is part of.
    """

    tick: datetime
    outcome: Outcome
    at: datetime
    count: int = 1
    job_id: str | None = None
    after: datetime | None = None
    backfill: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether its job may still be at work, or waiting."""
        return self.outcome in _OPEN


@frozen
class Span:
    """The ticks later than ``after``, up to ``until``."""

    after: datetime
    until: datetime


class Reprocess(StrEnum):
    """Which ticks of a backfill are run again though they had a job: those that failed, or all.

    A job is known as long as its record is kept.
    """

    NONE = "none"
    FAILED = "failed"
    ALL = "all"


@frozen
class Backfill:
    """The ticks of a range, run later or again, at most ``limit`` (1 to 100) at once.

    ``span.after`` moves on with each tick that was looked at.
    """

    backfill_id: str
    span: Span
    limit: int
    reprocess: Reprocess
    by: str
    at: datetime
    started: int = 0
    left_out: int = 0
    finished_at: datetime | None = None


@frozen
class Pause:
    """No tick is run from ``at`` on, ``until`` then (exclusive) or a resume."""

    by: str
    at: datetime
    why: str
    until: datetime | None = None


@frozen
class Stand:
    """The stand of one schedule. ``version`` counts its changes; 0 is that of one never seen.

    All ticks up to ``decided_until`` are decided, as of the timetable ``timing``; the runs so far
    cover all up to ``covered_until``. ``queued`` is the tick that waits for the run before, and
    stands for those it replaced. ``catch_up`` are missed ticks that each get a run. ``look_at`` is
    when the sweeper looks at it next. ``plan`` is the schedule as it was last seen; of a dynamic
    one it is the truth, and ``is_untold`` while Scheduler may know another. ``made_at`` tells a
    dynamic one from an earlier one with its id, which was deleted.
    """

    schedule_id: str
    version: int = 0
    plan: Plan | None = None
    timing: str = ""
    decided_until: datetime | None = None
    covered_until: datetime | None = None
    runs: tuple[Run, ...] = ()
    queued: datetime | None = None
    catch_up: tuple[Span, ...] = ()
    backfill: Backfill | None = None
    pause: Pause | None = None
    is_untold: bool = False
    made_at: datetime | None = None
    look_at: datetime = FAR

    @property
    def open_runs(self) -> tuple[Run, ...]:
        """Those that the next tick may have to wait for: a backfill's are its own affair."""
        return tuple(run for run in self.runs if run.is_open and run.backfill is None)

    @property
    def undone(self) -> tuple[Run, ...]:
        """What was decided, and may not have been done."""
        return tuple(run for run in self.runs if run.outcome in _UNDONE)

    @property
    def has_work(self) -> bool:
        """Whether something is left to do before the next tick."""
        fills = self.backfill is not None and self.backfill.finished_at is None
        waits = self.pause is None and (self.queued is not None or bool(self.catch_up))
        return bool(self.undone) or fills or waits

    @property
    def last_run(self) -> Run | None:
        """What became of its last tick, those of backfills left out."""
        return next((run for run in reversed(self.runs) if run.backfill is None), None)

    def next_run(self, now: datetime) -> datetime | None:
        """The next tick that shall run; None where none follows, or somebody must resume it."""
        if self.plan is None:
            return None
        begin = now
        if self.pause is not None:
            if self.pause.until is None:
                return None
            begin = max(now, self.pause.until - MOMENT)
        return next(self.plan.timetable.after(begin), None)

    def with_outcomes(self, outcomes: Mapping[Outcome, Outcome], jobs: set[str]) -> "Stand":
        """The runs of ``jobs`` are one step further."""
        return replace(
            self,
            runs=tuple(
                replace(run, outcome=outcomes[run.outcome])
                if run.job_id in jobs and run.outcome in outcomes
                else run
                for run in self.runs
            ),
        )


def write_stand(stand: Stand) -> str:
    """As JSON text, without what its item has in attributes of its own: id and version."""
    told = _codec().dump_python(stand, mode="json", exclude=_APART, exclude_defaults=True)
    plan = {"plan": write_plan(stand.plan)} if stand.plan else {}
    return json.dumps({**told, **plan})


def read_stand(text: str, *, schedule_id: str, version: int) -> Stand:
    """What ``write_stand`` wrote. Raises ``ValueError``, and ``WorkerlessError`` for its plan."""
    told = json.loads(text)
    plan = told.pop("plan", None)
    stand = _codec().validate_python({**told, "schedule_id": schedule_id}, strict=False)
    return replace(stand, version=version, plan=read_plan(plan) if plan else None)


@cache
def _codec() -> TypeAdapter[Stand]:
    return TypeAdapter(Stand)


_APART = {"schedule_id", "version", "plan"}
