"""The sweeper's look at schedules: what no tick came for, what is left to do.

* A tick that did not come in time is missed: told, and made up for as its schedule says.
* A run that waits for the one before starts once that is over; so do those of a backfill.
* EventBridge Scheduler is told of a dynamic schedule that it may not know (``schedule_repair.py``).
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from workerless.errors import RecordUnreadableError, StoreUnavailableError, WorkerlessError
from workerless.execution.ticking import Ticking, take_tick
from workerless.frozen import frozen
from workerless.schedule.over import may_be_forgotten
from workerless.schedule.plan import Plan, is_dynamic
from workerless.schedule.stand import Stand
from workerless.schedule_ports import Plans, Scheduler

_PAGE = 100


@frozen
class ScheduleSweeper:
    """The world of one sweep. ``seen`` are the plans that earlier sweeps of the process found.

    ``scheduler`` is None where no schedule is dynamic. ``unknown`` are the dynamic ones that it may
    not know as they are, by the look of this sweep: it is told last (``schedule_repair.py``).
    """

    ticking: Ticking
    plans: Plans
    scheduler: Scheduler | None
    seen: dict[str, Plan]
    until: datetime
    unknown: list[Stand] = field(default_factory=list)

    def has_time(self) -> bool:
        return self.ticking.clock.now() < self.until


def sweep_schedules(sweeper: ScheduleSweeper) -> int:
    """Look at all schedules that are due to be looked at; how many were.

    A store that does not answer ends it, and one schedule's trouble is its own.
    """
    looked: set[str] = set()
    try:
        declared = _declared(sweeper)
        while sweeper.has_time():
            now = sweeper.ticking.clock.now()
            due = sweeper.ticking.stands.due(before=now, limit=_PAGE)
            new = [one for one in due if one not in looked]
            for schedule_id in new:
                _look(schedule_id, declared, sweeper)
            looked |= {*new}
            if not new:  # none is left, or the index shows what has moved already
                break
    except StoreUnavailableError as error:
        sweeper.ticking.telemetry.trouble("store_unavailable", error)
    return len(looked)


def _declared(sweeper: ScheduleSweeper) -> Mapping[str, Plan | None] | None:
    """The declared plans, each that is new or another than before noted; None if unreadable."""
    try:
        declared = sweeper.plans.all()
    except WorkerlessError as error:
        sweeper.ticking.telemetry.trouble("schedules_unreadable", error)
        return None
    for schedule_id, plan in declared.items():
        if plan is not None and sweeper.seen.get(schedule_id) != plan:
            _take(schedule_id, plan, sweeper)
            sweeper.seen[schedule_id] = plan
    return declared


def _look(
    schedule_id: str, declared: Mapping[str, Plan | None] | None, sweeper: ScheduleSweeper
) -> None:
    stands = sweeper.ticking.stands
    try:
        (stand,) = stands.read_many([schedule_id])
    except RecordUnreadableError as error:
        _told_stuck(schedule_id, error, sweeper)
        return
    if stand is None:
        return
    if declared is not None and schedule_id not in declared and not is_dynamic(schedule_id):
        stands.delete(stand)  # its job type declares it no more
        return
    plan = (declared or {}).get(schedule_id) or stand.plan
    if plan is not None:
        _take(schedule_id, plan, sweeper)


def _take(schedule_id: str, plan: Plan, sweeper: ScheduleSweeper) -> None:
    at = sweeper.ticking
    try:
        taken = take_tick(plan, None, at)
        if taken is not None and may_be_forgotten(taken.plan, taken.stand, at.clock.now()):
            at.stands.delete(taken.stand)  # an entry that is left is nobody's, and goes
        elif taken is not None and taken.is_unknown:
            sweeper.unknown.append(taken.stand)
    except RecordUnreadableError as error:  # its own trouble, though of the store
        _told_stuck(schedule_id, error, sweeper)
    except StoreUnavailableError:
        raise
    except WorkerlessError as error:
        _told_stuck(schedule_id, error, sweeper)


def _told_stuck(schedule_id: str, error: WorkerlessError, sweeper: ScheduleSweeper) -> None:
    sweeper.ticking.telemetry.trouble("schedule_stuck", error, schedule_id=schedule_id)
