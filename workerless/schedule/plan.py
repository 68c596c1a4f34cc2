"""A schedule as it travels: in ticks, in its parameter, in the table. Pure.

It holds all that a tick needs to become a job, so that whoever takes ticks knows no declarations.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from workerless.errors import DeclarationError, WorkerlessError
from workerless.frozen import frozen
from workerless.schedule.schedule import Missed, Overlap
from workerless.schedule.timetable import Timetable
from workerless.schedule.when import When, read_when, text_of, zone_of
from workerless.tracking import Tracking

# Between a tick and what is not it any more.
MOMENT = timedelta(microseconds=1)
DYNAMIC = "--"


@frozen
class Plan:
    """One schedule, and what its jobs are like.

    ``data`` is the payload of ``version``; ``attempts``, ``tracking``, ``search_keys`` (digests by
    field), ``lane`` and ``expires_in`` are what the job type said when the plan was made.
    ``missed`` ticks are run up to ``window`` after their time. A tick is missed once ``tolerance``
    has passed since the last moment that ``spread`` allows for it.
    """

    schedule_id: str
    job_type: str
    when: When
    data: Mapping[str, Any]
    version: int
    attempts: int
    tracking: Tracking = Tracking.FULL
    search_keys: Mapping[str, str] = field(default_factory=dict)
    lane: str | None = None
    overlap: Overlap = Overlap.SKIP
    missed: Missed = Missed.LATEST
    window: timedelta = timedelta(days=1)
    tolerance: timedelta = timedelta(minutes=5)
    start: datetime | None = None
    end: datetime | None = None
    spread: timedelta = timedelta(0)
    tenant: str | None = None
    tags: tuple[str, ...] = ()
    expires_in: timedelta | None = None

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.when, start=self.start, end=self.end)

    @property
    def grace(self) -> timedelta:
        """How late a tick may be."""
        return self.tolerance + self.spread

    @property
    def timing(self) -> str:
        """What says when its ticks are: another text, another timetable."""
        bounds = (str(bound and _moment(bound)) for bound in (self.start, self.end))
        return " ".join((text_of(self.when), zone_of(self.when), *bounds))

    def before(self, tick: datetime) -> datetime | None:
        """The tick before this one."""
        return self.timetable.until(tick - MOMENT)

    def job_id(self, tick: datetime) -> str:
        """The job of one tick: the same whoever sends it, however often."""
        return f"{self.schedule_id}:{tick.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def declared_id(job_type: str, name: str) -> str:
    """The id of a schedule that its job type declares; no name of a job type has a dash."""
    return f"{job_type}-{name}"


def dynamic_id(job_type: str, key: str, tenant: str | None = None) -> str:
    """The id of a schedule that was made at run time, under a key of its maker's.

    Tenants choose keys without knowing of each other: theirs begin with 8 letters and digits that
    stand for the tenant, and a dot.
    """
    if tenant is None:
        return f"{job_type}{DYNAMIC}{key}"
    digest = base64.b32encode(sha256(tenant.encode()).digest())[:8].decode().lower()
    return f"{job_type}{DYNAMIC}{digest}.{key}"


def is_dynamic(schedule_id: str) -> bool:
    """Whether it was made at run time."""
    return DYNAMIC in schedule_id


def write_plan(plan: Plan) -> dict[str, Any]:
    """As JSON data."""
    told = {
        **vars(plan),
        "when": text_of(plan.when),
        "timezone": zone_of(plan.when),
        "tags": list(plan.tags),
        **{name: value.total_seconds() for name in _SPANS if (value := getattr(plan, name))},
        **{name: _moment(value) for name in _BOUNDS if (value := getattr(plan, name))},
    }
    return {
        name: value for name, value in told.items() if value not in (None, {}, [], timedelta(0))
    }


def read_plan(told: object) -> Plan:
    """What ``write_plan`` wrote, as JSON text or data; what a later version added is left out.

    Raises ``WorkerlessError`` that says what is wrong.
    """
    try:
        data = json.loads(told) if isinstance(told, str) else told
        if not isinstance(data, dict):
            raise TypeError("no object")  # noqa: TRY301 -- told as all others are
        read: dict[str, Any] = {name: data[name] for name in _PLAIN if name in data}
        read |= {name: timedelta(seconds=data[name]) for name in _SPANS if name in data}
        read |= {name: datetime.fromisoformat(data[name]) for name in _BOUNDS if name in data}
        return Plan(
            **read,
            data=data.get("data", {}),
            when=read_when(data["when"], data.get("timezone", "UTC")),
            tracking=Tracking(data["tracking"]),
            overlap=Overlap(data["overlap"]),
            missed=Missed(data["missed"]),
            tags=tuple(data.get("tags", ())),
        )
    except (ValueError, LookupError, TypeError, DeclarationError) as error:
        raise WorkerlessError(f"this is no plan of a schedule: {error!r}") from error


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


_SPANS = ("window", "tolerance", "spread", "expires_in")
_BOUNDS = ("start", "end")
_PLAIN = ("schedule_id", "job_type", "version", "attempts", "search_keys", "lane", "tenant")
