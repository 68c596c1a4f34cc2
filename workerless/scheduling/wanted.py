"""A dynamic schedule as somebody asks for it whose payload is plain data: HTTP, command line."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from workerless.errors import EnqueueRefusedError
from workerless.frozen import frozen
from workerless.hidden import check_seen
from workerless.job_type import JobType
from workerless.misfit import checked, misfit
from workerless.planned import plan_of
from workerless.schedule.plan import Plan
from workerless.schedule.schedule import Missed, Overlap, Schedule
from workerless.schedule.when import When


@frozen
class WantedSchedule:
    """As ``Schedule``: ``key`` is its name, ``data`` the JSON of its payload."""

    key: str
    when: When
    data: Mapping[str, Any]
    overlap: Overlap = Overlap.SKIP
    missed: Missed = Missed.LATEST
    window: timedelta = timedelta(days=1)
    tolerance: timedelta = timedelta(minutes=5)
    start: datetime | None = None
    end: datetime | None = None
    spread: timedelta = timedelta(0)
    tenant: str | None = None
    tags: tuple[str, ...] = ()


def plan_wanted(wanted: WantedSchedule, job_type: JobType[Any, Any]) -> Plan:
    """Raises ``DeclarationError`` and ``EnqueueRefusedError`` naming what does not fit."""
    try:
        payload = checked(job_type.payload, dict(wanted.data))
    except ValidationError as error:
        wrong = misfit(error)
        raise EnqueueRefusedError(str(wrong), field=wrong.field) from error
    check_seen(wanted.data, job_type.payload)
    told = {name: value for name, value in vars(wanted).items() if name not in _POSITIONAL}
    schedule = Schedule(wanted.key, wanted.when, payload, **told)
    return plan_of(job_type, schedule, is_dynamic=True)


_POSITIONAL = ("key", "when", "data")
