"""The ticks of a calendar on the clocks of a zone, as EventBridge Scheduler sees them.

A wall time that clocks skip is none, one that they show twice counts once. AWS does not say which
time; we take the first.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import calendar as months
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from workerless.schedule.calendar import DATES, Calendar
from workerless.schedule.unix import write_unix

_SECOND = timedelta(seconds=1)
_SATURDAY, _SUNDAY = 5, 6


def ticks_after(calendar: Calendar, zone: ZoneInfo, instant: datetime) -> Iterator[datetime]:
    """The ticks later than ``instant``, in UTC, earliest first; for ever, if there are any."""
    for wall in _walls(calendar, instant.astimezone(zone).replace(tzinfo=None)):
        tick = _instant(wall, zone)
        # While clocks show an hour for the second time, its walls were all due the first time.
        if tick is not None and tick > instant:
            yield tick


def ticks_until(calendar: Calendar, zone: ZoneInfo, instant: datetime) -> Iterator[datetime]:
    """The ticks at ``instant`` and earlier, in UTC, latest first."""
    local = instant.astimezone(zone)
    # In the second pass of an hour, what is later on the clock may lie in the first.
    back = (local.replace(fold=0).utcoffset() or _SECOND) - (local.utcoffset() or _SECOND)
    latest = local.replace(tzinfo=None, microsecond=0) + max(back, timedelta(0)) + _SECOND
    for wall in _walls(calendar, latest, reverse=True):
        tick = _instant(wall, zone)
        if tick is not None and tick <= instant:
            yield tick


def _instant(wall: datetime, zone: ZoneInfo) -> datetime | None:
    tick = wall.replace(tzinfo=zone).astimezone(UTC)
    return tick if tick.astimezone(zone).replace(tzinfo=None) == wall else None


def _walls(calendar: Calendar, wall: datetime, *, reverse: bool = False) -> Iterator[datetime]:
    """The wall times that ``calendar`` chooses, strictly later (or earlier) than ``wall``."""
    if calendar.years is None:
        yield from _of_any_year(calendar, wall, reverse=reverse)
        return
    for year in sorted(calendar.years, reverse=reverse):
        if year == wall.year:
            begin = wall
        elif (year < wall.year) == reverse:
            begin = datetime(year + 1, 1, 1) if reverse else datetime(year, 1, 1) - _SECOND  # noqa: DTZ001 -- wall times have no zone
        else:
            continue
        for found in _of_any_year(calendar, begin, reverse=reverse):
            if found.year != year:
                break
            yield found


def _of_any_year(calendar: Calendar, wall: datetime, *, reverse: bool) -> Iterator[datetime]:
    from cronsim import CronSim  # noqa: PLC0415 -- 3 ms; declaring a schedule does not pay

    if not calendar.workdays:
        yield from CronSim(write_unix(calendar), wall, reverse=reverse)
        return
    candidates = frozenset(
        date for workday in calendar.workdays for date in range(workday - 2, workday + 3)
    )
    days = replace(calendar, workdays=candidates & frozenset(DATES))
    for found in CronSim(write_unix(days), wall, reverse=reverse):
        if any(found.day == _workday(found.year, found.month, one) for one in calendar.workdays):
            yield found


def _workday(year: int, month: int, date: int) -> int | None:
    """The day from Monday to Friday nearest to ``date``, in the same month; None without one."""
    first, length = months.monthrange(year, month)
    if date > length:
        return None
    weekday = (first + date - 1) % 7
    if weekday == _SATURDAY:
        return date - 1 if date > 1 else date + 2
    if weekday == _SUNDAY:
        return date + 1 if date < length else date - 2
    return date
