"""Days of a zone, and the hours that they have: 24, or one more or less when clocks change. Pure.

Hours begin when a clock of the zone shows a full one, so a day is a number of them in every zone.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
# As long as the counts of hours are kept, less what makes that sure.
MAX_DAYS = 31


def days_meant(
    day: date | None,
    covers: tuple[datetime | None, datetime] | None,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> list[date]:
    """The days to report, at most ``MAX_DAYS``, the earliest first: ``day``, if it is given.

    Else those that ended on each day from after the first of ``covers`` to the second, or the day
    before ``now``.
    """
    if day is not None:
        return [day]
    after, until = covers or (None, now)
    last = until.astimezone(zone).date() - _DAY
    first = last if after is None else max(after.astimezone(zone).date(), last - 30 * _DAY)
    return [first + number * _DAY for number in range((last - first).days + 1)] or [last]


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When it begins, and when the next one does, in UTC."""
    first, last = (datetime.combine(one, time(), zone) for one in (day, day + _DAY))
    return first.astimezone(UTC), last.astimezone(UTC)


def hour_of(at: datetime, zone: ZoneInfo) -> datetime:
    """When the hour began that ``at`` lies in, in UTC."""
    local = at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    return local.astimezone(UTC)


def hours_between(first: datetime, until: datetime) -> Iterable[datetime]:
    """When each hour from ``first`` begins, up to ``until`` (exclusive)."""
    number = 0
    while (at := first + number * HOUR) < until:
        yield at
        number += 1
