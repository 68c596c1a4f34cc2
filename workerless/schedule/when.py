"""When a schedule is due: by cron, at an interval, or once. Values for a ``job.py``."""

import re
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from workerless.errors import DeclarationError
from workerless.limits import MAX_SCHEDULE_ZONE_LENGTH
from workerless.schedule.aws import is_aws, read_aws
from workerless.schedule.calendar import Calendar
from workerless.schedule.unix import read_unix

_MINUTE = timedelta(minutes=1)
MAX_INTERVAL = timedelta(days=366)
# On some machines beside the zones, and unknown to AWS.
_NO_ZONES = ("posix", "right", "posixrules", "localtime", "Factory")
_UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": _MINUTE}
_RATE = re.compile(r"rate\(\s*(\d{1,9})\s+(minute|hour|day)s?\s*\)")
_AT = re.compile(r"at\(\s*(\S+)\s*\)")


@dataclass(frozen=True, slots=True)
class Cron:
    """At the times that ``expression`` names, on the clocks of ``timezone`` (an IANA name).

    Five fields of Unix, a name like ``@daily``, or an expression of AWS marked by ``cron(...)``.
    A time that the clocks skip is none; one that they show twice is due once, the first time.
    Raises ``DeclarationError``.
    """

    expression: str
    _: KW_ONLY
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        zone(self.timezone)
        object.__setattr__(self, "expression", self.expression.strip())
        read_cron(self.expression)


@dataclass(frozen=True, slots=True, init=False)
class Every:
    """Each time that so much has passed, whatever clocks do: whole minutes, at most 366 days.

    Counted from the schedule's start, or else from 1970 on, so that ``Every(hours=6)`` is due at
    midnight UTC, 6:00, 12:00 and 18:00. Raises ``DeclarationError``.
    """

    interval: timedelta

    def __init__(self, *, minutes: int = 0, hours: int = 0, days: int = 0) -> None:
        interval = timedelta(minutes=minutes, hours=hours, days=days)
        if not _MINUTE <= interval <= MAX_INTERVAL or interval % _MINUTE:
            raise DeclarationError(
                f"Every must be whole minutes, 1 to {MAX_INTERVAL // _MINUTE} "
                f"({MAX_INTERVAL.days} days), got {interval}"
            )
        object.__setattr__(self, "interval", interval)


@dataclass(frozen=True, slots=True)
class Once:
    """At one instant, to the second. Raises ``DeclarationError`` for a time without a zone."""

    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise DeclarationError(f"Once: at must have a time zone, got {self.at.isoformat()}")
        if self.at.microsecond:
            raise DeclarationError(f"Once: at must be a whole second, got {self.at.isoformat()}")
        if self.at.astimezone(UTC).astimezone(self.at.tzinfo) != self.at:
            raise DeclarationError(
                f"Once: at must be a time that clocks show in {self.at.tzinfo}, "
                f"got {self.at.isoformat()}, which they skip"
            )


type When = Cron | Every | Once


def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name. Raises ``DeclarationError``."""
    try:
        first, _, _ = name.partition("/")
        if len(name) <= MAX_SCHEDULE_ZONE_LENGTH and first not in _NO_ZONES:
            return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no relative path, a folder of zones
        pass
    raise DeclarationError(
        f"timezone must be an IANA name like 'Europe/Berlin' or 'UTC', got {name[:60]!r}"
    )


def read_cron(expression: str) -> Calendar:
    """What it chooses, in either dialect. Raises ``DeclarationError``."""
    return read_aws(expression) if is_aws(expression) else read_unix(expression)


def text_of(when: When) -> str:
    """``when`` in one line, without its zone: what ``read_when`` reads."""
    match when:
        case Cron():
            return when.expression
        case Every():
            return f"rate({interval_text(when.interval)})"
        case Once():
            return f"at({when.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})"


def zone_of(when: When) -> str:
    """The name of the zone that ``text_of(when)`` is to be read in."""
    return when.timezone if isinstance(when, Cron) else "UTC"


def read_when(text: str, timezone: str = "UTC") -> When:
    """A cron expression of either dialect, ``rate(5 minutes)`` or ``at(2026-12-01T09:00:00)``.

    ``at`` without an offset is on the clocks of ``timezone``. Raises ``DeclarationError``.
    """
    if rate := _RATE.fullmatch(text.strip()):
        return Every(**{f"{rate[2]}s": int(rate[1])})
    if at := _AT.fullmatch(text.strip()):
        try:
            instant = datetime.fromisoformat(at[1])
        except ValueError:
            raise DeclarationError(
                f"at must hold a time like 2026-12-01T09:00:00, got {at[1][:40]!r}"
            ) from None
        return Once(instant if instant.tzinfo else instant.replace(tzinfo=zone(timezone)))
    return Cron(text.strip(), timezone=timezone)


def interval_text(interval: timedelta) -> str:
    """``5 minutes``, ``1 hour``, ``7 days``: in the largest unit that has no rest."""
    unit, length = next(one for one in _UNITS.items() if not interval % one[1])
    count = interval // length
    return f"{count} {unit}{'s' if count > 1 else ''}"
