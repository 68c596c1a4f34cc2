"""What a test says of the schedules that a job type declares."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from workerless.job_type import JobType


def assert_schedules(
    job_type: JobType[Any, Any], name: str, *, after: datetime, ticks: Sequence[datetime]
) -> None:
    """That the schedule ``name`` is due at ``ticks``, the next ones later than ``after``.

    All have time zones, whichever. An empty list says that it is never due again. Raises
    ``AssertionError`` that tells when it is due instead.
    """
    schedules = {schedule.name: schedule for schedule in job_type.schedules}
    if name not in schedules:
        there_is = ", ".join(schedules) or "none"
        raise AssertionError(f"{job_type.name} has no schedule {name!r}, only: {there_is}")
    due = list(islice(schedules[name].timetable.after(after), max(len(ticks), 1)))
    if due != list(ticks):
        zone = after.tzinfo
        found = ", ".join(tick.astimezone(zone).isoformat() for tick in due) or "nothing"
        wanted = ", ".join(tick.astimezone(zone).isoformat() for tick in ticks) or "nothing"
        raise AssertionError(
            f"{job_type.name}: schedule {name} is due at {found} after {after.isoformat()}, "
            f"not at {wanted}"
        )
