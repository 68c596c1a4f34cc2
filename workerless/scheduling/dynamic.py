"""Dynamic schedules are made, changed and deleted: the table first, then EventBridge Scheduler.

Who dies in between leaves it to the sweeper: it tells Scheduler of a stand that it may not know,
and removes entries whose stand is gone.
"""

from collections.abc import Callable

from workerless.errors import OperationRefusedError, StoreUnavailableError
from workerless.execution.mirroring import mirror
from workerless.frozen import frozen, replace
from workerless.schedule.plan import Plan, is_dynamic
from workerless.schedule.stand import Stand
from workerless.schedule.tick import renewed
from workerless.scheduling.desk import ScheduleDesk
from workerless.scheduling.page import is_seen

_TRIES = 10


@frozen
class Kept:
    """A schedule as it stands once it was put. ``changed`` is False where it was like that."""

    stand: Stand
    created: bool
    changed: bool


def unchanged(plan: Plan, desk: ScheduleDesk, *, tenant: str | None) -> Stand | None:
    """The stand of a schedule that is ``plan`` already, as far as Scheduler knows, too."""
    (stand,) = desk.stands.read_many([plan.schedule_id])
    if stand is None or stand.is_untold or not is_seen(stand, tenant):
        return None
    return stand if stand.plan == plan else None


def check_new(plan: Plan, desk: ScheduleDesk, *, tenant: str | None) -> None:
    """Raises ``UnknownJobTypeError``, and ``OperationRefusedError`` for what cannot be."""
    if not is_dynamic(plan.schedule_id):
        raise OperationRefusedError(
            f"{plan.schedule_id} is declared by its job type: change it there, and deploy"
        )
    if tenant not in (None, plan.tenant):
        raise OperationRefusedError(
            f"tenant must be {tenant!r}, the caller's own, got {plan.tenant!r}"
        )
    desk.directory.find(plan.job_type)
    now = desk.clock.now()
    if next(plan.timetable.after(now), None) is None:
        raise OperationRefusedError(
            f"when must be due after now, {now.isoformat()}, and within start and end; "
            f"{plan.schedule_id} has no tick to come"
        )


def keep(plan: Plan, desk: ScheduleDesk, *, tenant: str | None) -> Kept:
    """Pause, history and backfill stay; another timetable begins now."""
    for _ in range(_TRIES):
        (before,) = desk.stands.read_many([plan.schedule_id])
        if before is not None and not _is_ours(before, plan, tenant):
            raise OperationRefusedError("key must be another one: this one cannot be had")
        known = before or Stand(schedule_id=plan.schedule_id)
        stand = renewed(plan, known, now=desk.clock.now())
        if desk.stands.save(stand):
            stand = replace(stand, version=stand.version + 1)
            told = mirror(stand, stands=desk.stands, scheduler=desk.scheduler, clock=desk.clock)
            # Deleted by somebody just now, it is what it was until then.
            shown = told if told.plan is not None else stand
            return Kept(stand=shown, created=before is None, changed=True)
    raise StoreUnavailableError(f"schedule {plan.schedule_id} changes all the time; try again")


def _is_ours(before: Stand, plan: Plan, tenant: str | None) -> bool:
    """Two tenants may have the same digest, and nobody's key may begin with that of a tenant."""
    is_same = before.plan is None or before.plan.tenant == plan.tenant
    return is_same and is_seen(before, tenant)


def forget(schedule_id: str, desk: ScheduleDesk, *, find: Callable[[], Stand]) -> None:
    """``find`` gives the stand, and raises where there is none to be deleted."""
    for _ in range(_TRIES):
        if desk.stands.delete(find()):
            desk.scheduler.remove(schedule_id)
            return
    raise StoreUnavailableError(f"schedule {schedule_id} changes all the time; try again")
