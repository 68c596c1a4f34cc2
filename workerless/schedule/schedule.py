"""A schedule as a job type declares it: when, what, and how. A value for a ``job.py``."""

import re
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from workerless.errors import DeclarationError
from workerless.limits import MAX_FLEXIBLE_WINDOW
from workerless.message import TENANT
from workerless.payload import Payload, canonical_json
from workerless.schedule.timetable import Timetable
from workerless.schedule.translate import translate
from workerless.schedule.when import Cron, Every, Once, When
from workerless.tag import checked_tags
from workerless.tracking import Tracking

# Job type, a dash and the name; Scheduler's names have 64 characters, and some need a number more.
MAX_ID_LENGTH = 60
# A schedule is published, payload and all, in an SSM parameter of 4 KiB at most.
MAX_PAYLOAD_BYTES = 2_500
MAX_WINDOW = timedelta(days=30)
# Scheduler's own precision is a minute.
MIN_TOLERANCE = timedelta(minutes=1)
_MINUTE = timedelta(minutes=1)
# Scheduler's cron ends with 2199, and beyond 9999 there are no instants to add a tolerance to.
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
# One that is made at run time is called as its maker calls what it is for.
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Overlap(StrEnum):
    """What becomes of a tick while an earlier run of its schedule goes on.

    ``SKIP``: nothing runs. ``QUEUE_ONE``: one run follows, however many ticks came. ``ALLOW``:
    they run side by side. ``CANCEL_OLD``: the earlier one is cancelled.
    """

    SKIP = "skip"
    QUEUE_ONE = "queue_one"
    ALLOW = "allow"
    CANCEL_OLD = "cancel_old"


class Missed(StrEnum):
    """What becomes of ticks that did not come: nothing, one run for all of them, or all runs."""

    NONE = "none"
    LATEST = "latest"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Schedule[P: Payload]:
    """Jobs with ``payload``, ``when`` it is due. Raises ``DeclarationError``.

    ``name`` is unique in its job type and part of ids: never change it. A declared one's is
    lower-case words, that of one made at run time any key. ``missed`` ticks are run while they are
    not older than ``window`` (up to 30 days). A tick is missed ``tolerance`` (a minute or more)
    after it was due. ``spread`` (whole minutes, up to a day, shorter than the time between two
    ticks) is the time within which AWS may choose when to send it. It is due from ``start`` on and
    before ``end``.
    """

    name: str
    when: When
    payload: P
    _: KW_ONLY
    overlap: Overlap = Overlap.SKIP
    missed: Missed = Missed.LATEST
    window: timedelta = timedelta(days=1)
    tolerance: timedelta = timedelta(minutes=5)
    start: datetime | None = None
    end: datetime | None = None
    spread: timedelta = timedelta(0)
    tenant: str | None = None
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.name):
            allowed = "letters, digits and '_.-', a letter or digit first"
            raise _error(self.name, "name", allowed, self.name)
        if not isinstance(self.when, Cron | Every | Once):
            raise _error(self.name, "when", "a Cron, an Every or a Once", self.when)
        try:
            translate(self.timetable)
            checked_tags(self.tags)
        except ValueError as error:
            raise DeclarationError(f"schedule {self.name}: {error}") from error
        _check_instants(self)
        _check_policies(self)
        _check_times(self)
        _check_content(self)

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.when, start=self.start, end=self.end)


def check_schedules(
    job_type: str, schedules: object, payload: type[Payload], *, tracking: Tracking
) -> None:
    """Raises ``DeclarationError`` for schedules that a job type like this cannot declare."""
    if not (isinstance(schedules, tuple) and all(isinstance(one, Schedule) for one in schedules)):
        raise DeclarationError(
            f"{job_type}: schedules must be a tuple of Schedule, got {schedules!r}"
        )
    names = [schedule.name for schedule in schedules]
    for schedule in schedules:
        whose = f"{job_type}: schedule {schedule.name}"
        if not _NAME.fullmatch(schedule.name):
            allowed = "lower-case words of letters and digits joined by '_'"
            raise DeclarationError(f"{whose}: name must be {allowed}, got {schedule.name!r}")
        if names.count(schedule.name) > 1:
            raise DeclarationError(f"{whose}: name must be its own, got it twice")
        if len(job_type) + 1 + len(schedule.name) > MAX_ID_LENGTH:
            most = MAX_ID_LENGTH - 1 - len(job_type)
            raise DeclarationError(
                f"{whose}: name must have at most {most} characters, {MAX_ID_LENGTH} with that of "
                f"the job type, got {len(schedule.name)}"
            )
        check_fit(job_type, schedule, payload, tracking=tracking)


def check_fit(
    job_type: str, schedule: Schedule[Any], payload: type[Payload], *, tracking: Tracking
) -> None:
    """Raises ``DeclarationError`` for a schedule that is for another kind of job."""
    whose = f"{job_type}: schedule {schedule.name}"
    if not isinstance(schedule.payload, payload):
        got = type(schedule.payload).__name__
        raise DeclarationError(f"{whose}: payload must be a {payload.__name__}, got a {got}")
    if tracking is Tracking.OFF and schedule.overlap is not Overlap.ALLOW:
        raise DeclarationError(
            f"{whose}: overlap must be Overlap.ALLOW with tracking off (nothing tells whether "
            f"the run before goes on), got {schedule.overlap!r}"
        )


def _check_instants(schedule: Schedule[Any]) -> None:
    once = schedule.when.at if isinstance(schedule.when, Once) else None
    for field, at in (("start", schedule.start), ("end", schedule.end), ("when", once)):
        if at is not None and not _FIRST_YEAR <= at.year <= _LAST_YEAR:
            allowed = f"between the years {_FIRST_YEAR} and {_LAST_YEAR}"
            raise _error(schedule.name, field, allowed, at.isoformat())


def _check_policies(schedule: Schedule[Any]) -> None:
    for name, kind in (("overlap", Overlap), ("missed", Missed)):
        value = getattr(schedule, name)
        if not isinstance(value, kind):
            allowed = ", ".join(f"{kind.__name__}.{one.name}" for one in kind)
            raise _error(schedule.name, name, f"one of {allowed}", value)
    if schedule.missed is Missed.ALL and schedule.overlap is Overlap.CANCEL_OLD:
        raise _error(
            schedule.name,
            "missed",
            "Missed.NONE or Missed.LATEST with overlap=CANCEL_OLD: runs would cancel each other",
            schedule.missed,
        )


def _check_times(schedule: Schedule[Any]) -> None:
    for name in ("window", "tolerance", "spread"):
        if not isinstance(getattr(schedule, name), timedelta):
            raise _error(schedule.name, name, "a timedelta", getattr(schedule, name))
    if schedule.tolerance < MIN_TOLERANCE:
        allowed = f"at least {MIN_TOLERANCE} (Scheduler's precision)"
        raise _error(schedule.name, "tolerance", allowed, schedule.tolerance)
    least = schedule.tolerance + schedule.spread
    if not least <= schedule.window <= MAX_WINDOW:
        allowed = f"between {least} (tolerance and spread) and {MAX_WINDOW}"
        raise _error(schedule.name, "window", allowed, schedule.window)
    spread, gap = schedule.spread, schedule.timetable.shortest_gap
    if spread % _MINUTE or not timedelta(0) <= spread < min(gap, MAX_FLEXIBLE_WINDOW + _MINUTE):
        allowed = f"whole minutes, and shorter than the time between two ticks ({gap})"
        raise _error(schedule.name, "spread", allowed, spread)


def _check_content(schedule: Schedule[Any]) -> None:
    tenant = schedule.tenant
    if tenant is not None and not TENANT.fullmatch(tenant):
        raise _error(schedule.name, "tenant", f"None or match {TENANT.pattern}", tenant)
    if not isinstance(schedule.payload, Payload):
        raise _error(schedule.name, "payload", "a Payload", schedule.payload)
    try:
        size = len(canonical_json(schedule.payload.model_dump(mode="json", by_alias=True)))
    except (ValueError, RecursionError) as error:
        raise DeclarationError(
            f"schedule {schedule.name}: payload must be JSON: {error}"
        ) from error
    if size > MAX_PAYLOAD_BYTES:
        raise _error(schedule.name, "payload", f"at most {MAX_PAYLOAD_BYTES} bytes of JSON", size)


def _error(schedule: str, field: str, allowed: str, got: object) -> DeclarationError:
    shown = str(got) if isinstance(got, timedelta) else repr(got)
    return DeclarationError(f"schedule {schedule}: {field} must be {allowed}, got {shown}")
