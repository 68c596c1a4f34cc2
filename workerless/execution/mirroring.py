"""EventBridge Scheduler as the mirror of dynamic schedules: their stands are the truth."""

from workerless.errors import StoreUnavailableError
from workerless.frozen import replace
from workerless.ports import Clock
from workerless.schedule.over import is_over
from workerless.schedule.stand import Stand
from workerless.schedule.tick import told
from workerless.schedule_ports import Scheduler, StandStore

_TRIES = 10


def mirror(stand: Stand, *, stands: StandStore, scheduler: Scheduler, clock: Clock) -> Stand:
    """Have Scheduler send the ticks of a dynamic schedule, and note that it knows; the new stand.

    Whoever changed or deleted it meanwhile may have told Scheduler first: so it is told again until
    nothing changes. Raises ``PlatformUnavailableError`` and ``StoreUnavailableError``: the sweeper
    tries again a minute later.
    """
    for _ in range(_TRIES):
        if stand.plan is None:  # it never was, or is gone
            scheduler.remove(stand.schedule_id)
            return stand
        now = clock.now()
        if is_over(stand.plan, now):  # Scheduler may refuse what is never due
            scheduler.remove(stand.schedule_id)
        else:
            scheduler.put(stand.plan)
        after = told(stand.plan, stand, now=now)
        if stands.save(after):
            return replace(after, version=after.version + 1)
        (found,) = stands.read_many([stand.schedule_id])
        stand = found or Stand(schedule_id=stand.schedule_id)
    raise StoreUnavailableError(
        f"schedule {stand.schedule_id} changed {_TRIES} times while Scheduler was told of it"
    )
