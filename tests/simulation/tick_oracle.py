"""When a schedule is due, worked out day by day with ``zoneinfo`` alone.

By the rule of EventBridge Scheduler: a time that a clock change leaves out is left out, one that it
repeats counts once, the first time.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Forty, of every kind: no clock changes, half hours, the southern summer, Ramadan, 0:00 changes.
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Lisbon",
    "Europe/Istanbul",
    "Europe/Moscow",
    "Europe/Chisinau",
    "Europe/Dublin",
    "Atlantic/Azores",
    "Atlantic/Reykjavik",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Africa/El_Aaiun",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Halifax",
    "America/St_Johns",
    "America/Havana",
    "America/Sao_Paulo",
    "America/Santiago",
    "America/Asuncion",
    "America/Nuuk",
    "America/Mexico_City",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Asia/Jerusalem",
    "Asia/Beirut",
    "Asia/Tehran",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
)


def daily(zone: str, at: time, first: date, days: int) -> Iterator[datetime]:
    """The moments at which clocks in ``zone`` show ``at``, in UTC."""
    here = ZoneInfo(zone)
    for day in range(days):
        local = datetime.combine(first + timedelta(days=day), at, tzinfo=here)
        moment = local.astimezone(UTC)
        if moment.astimezone(here).replace(fold=0) == local.replace(fold=0):
            yield moment
