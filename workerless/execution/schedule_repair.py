"""The sweeper holds EventBridge Scheduler against the dynamic schedules, and mends the difference.

Each sweep looks for entries that are missing, or nobody's. What entries say is compared for some
schedules a sweep, others each minute, so that all have their turn.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import batched

from workerless.errors import WorkerlessError
from workerless.execution.mirroring import mirror
from workerless.execution.schedule_sweep import ScheduleSweeper
from workerless.frozen import frozen
from workerless.schedule.plan import is_dynamic
from workerless.schedule.stand import Stand
from workerless.schedule_ports import Scheduler

# Each takes two calls or more, and Scheduler is shared with whatever else runs in the account.
COMPARED_AT_ONCE = 20
_READ_AT_ONCE = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Repaired:
    """How many schedules Scheduler did not have, had though nobody has them, had otherwise."""

    missing: int = 0
    extra: int = 0
    changed: int = 0


def repair(sweeper: ScheduleSweeper) -> Repaired:
    """Have Scheduler send the ticks of the dynamic schedules that there are, and no others.

    Its silence ends it, and is told: the next sweep goes on.
    """
    done: Counter[str] = Counter()
    try:
        if sweeper.scheduler is not None:
            _repair(sweeper, sweeper.scheduler, done)
    except WorkerlessError as error:
        sweeper.ticking.telemetry.trouble("schedules_not_repaired", error)
    return Repaired(**done)


def _repair(sweeper: ScheduleSweeper, scheduler: Scheduler, done: Counter[str]) -> None:
    stands = sweeper.ticking.stands
    ours = {one for one in stands.ids() if is_dynamic(one)}
    theirs = scheduler.ids()
    for stand in _due(sweeper, sorted(ours - theirs)):
        _put_right(stand, "missing", sweeper, scheduler, done)
    # The ids are of an index: who is not there yet may have been made a moment ago.
    for schedule_id, found in _each(sweeper, sorted(theirs - ours)):
        if found is None:
            scheduler.remove(schedule_id)
            _tell(schedule_id, "extra", sweeper, done)
    for stand in _due(sweeper, _turn(sorted(ours & theirs), sweeper.ticking.clock.now())):
        if stand.plan is not None and scheduler.differs(stand.plan):
            _put_right(stand, "changed", sweeper, scheduler, done)


def _turn(ids: Sequence[str], now: datetime) -> Sequence[str]:
    """Those whose turn it is: the minute tells, so sweepers need not remember."""
    parts = list(batched(ids, COMPARED_AT_ONCE, strict=False))
    return parts[(now - _EPOCH) // timedelta(minutes=1) % len(parts)] if parts else ()


def _due(sweeper: ScheduleSweeper, ids: Sequence[str]) -> Iterator[Stand]:
    """The stands of those that have ticks to come."""
    now = sweeper.ticking.clock.now()
    for _, stand in _each(sweeper, ids):
        plan = stand.plan if stand else None
        if stand and plan and next(iter(plan.timetable.after(now)), None):
            yield stand


def _each(sweeper: ScheduleSweeper, ids: Sequence[str]) -> Iterator[tuple[str, Stand | None]]:
    """Ids with their stands, while there is time."""
    for some in batched(ids, _READ_AT_ONCE, strict=False):
        found = sweeper.ticking.stands.read_many(some)
        for one in zip(some, found, strict=True):
            if not sweeper.has_time():
                return
            yield one


def _put_right(
    stand: Stand, was: str, sweeper: ScheduleSweeper, scheduler: Scheduler, done: Counter[str]
) -> None:
    at = sweeper.ticking
    mirror(stand, stands=at.stands, scheduler=scheduler, clock=at.clock)
    _tell(stand.schedule_id, was, sweeper, done)


def _tell(schedule_id: str, was: str, sweeper: ScheduleSweeper, done: Counter[str]) -> None:
    done[was] += 1
    told = {"event": "schedule.repaired", "schedule_id": schedule_id, "was": was}
    sweeper.ticking.telemetry.transition(told)
