"""When a schedule has no tick to come any more, and when nobody needs to know of it. Pure."""

from datetime import datetime, timedelta

from workerless.schedule.plan import MOMENT, Plan, is_dynamic
from workerless.schedule.schedule import Overlap
from workerless.schedule.stand import FAR, Run, Stand

# So long a dynamic schedule that is over may still be looked at.
REMEMBERED = timedelta(days=7)
_DAY = timedelta(days=1)


def is_over(plan: Plan, now: datetime) -> bool:
    """Whether no tick of it is to come, or on its way."""
    return next(plan.timetable.after(now - plan.grace - MOMENT), None) is None


def is_watched(plan: Plan, run: Run) -> bool:
    """Whether something waits for the end of its job."""
    return run.is_open and (run.backfill is not None or plan.overlap is not Overlap.ALLOW)


def may_be_forgotten(plan: Plan, stand: Stand, now: datetime) -> bool:
    """Whether its stand may be deleted: of a dynamic one, a week after all was decided and done.

    One that is paused waits for a person. A declared one goes when nobody declares it any more.
    """
    if stand.has_work or stand.pause is not None or stand.decided_until is None:
        return False
    if any(is_watched(plan, run) for run in stand.runs):
        return False
    return _remembered_until(plan, stand.decided_until) <= now


def look_at_over(plan: Plan, decided_until: datetime, now: datetime) -> datetime:
    """When the sweeper looks whether one may be forgotten that has no tick later than that."""
    return max(_remembered_until(plan, decided_until), now + _DAY)


def _remembered_until(plan: Plan, decided_until: datetime) -> datetime:
    if not is_dynamic(plan.schedule_id) or next(plan.timetable.after(decided_until), None):
        return FAR
    return (plan.timetable.until(decided_until) or decided_until) + REMEMBERED
