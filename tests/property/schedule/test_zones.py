"""Ticks around every change of clocks, held to a walk through the minutes of UTC.

The walk knows nothing of gaps and folds: it looks at the clock each minute, and takes a wall time
the first time it shows. Which wall times are chosen is croniter's word.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.property.machines.sizes import NIGHTLY
from tests.property.schedule.expressions import oracle_until
from workerless.schedule.timetable import Timetable
from workerless.schedule.when import Cron

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/Athens",
    "Europe/Moscow",
    "Europe/Istanbul",
    "Europe/Chisinau",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Africa/El_Aaiun",
    "Africa/Lagos",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/St_Johns",
    "America/Halifax",
    "America/Havana",
    "America/Santiago",
    "America/Asuncion",
    "America/Sao_Paulo",
    "America/Nuuk",
    "America/Scoresbysund",
    "America/Mexico_City",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Tehran",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Easter",
    "Antarctica/Troll",
)
# Clocks of whole days gone by (Apia 2011), changed at midnight (Brazil 2018), and those to come.
YEARS = (2011, 2018, 2026) if not NIGHTLY else (2011, 2018, *range(2024, 2038))
EXPRESSIONS = (
    "*/5 * * * *",
    "0 * * * *",
    "*/20 1-3 * * *",
    "30 2 * * *",
    "30 1 * * SUN",
    "0 0 * * *",
    "15,45 0 * * *",
    "30 23 L * *",
)
MINUTE, AROUND = timedelta(minutes=1), timedelta(hours=5)


def changes(zone: ZoneInfo, year: int) -> Iterator[datetime]:
    """The hours of UTC in which the zone's offset changes."""
    hour, one_hour = datetime(year, 1, 1, tzinfo=UTC), timedelta(hours=1)
    while hour.year == year:
        if hour.astimezone(zone).utcoffset() != (hour + one_hour).astimezone(zone).utcoffset():
            yield hour
        hour += one_hour


@cache
def clocks(name: str, change: datetime) -> dict[datetime, datetime]:
    """Each wall time around ``change``, and the first minute of UTC that shows it."""
    zone, shown = ZoneInfo(name), dict[datetime, datetime]()
    # Longer before than after: what an hour shows again must be known from the first time.
    for step in range(-2 * (AROUND // MINUTE), AROUND // MINUTE):
        minute = change + step * MINUTE
        shown.setdefault(minute.astimezone(zone).replace(tzinfo=None), minute)
    return shown


def expected(name: str, change: datetime, expression: str) -> list[datetime]:
    shown = clocks(name, change)
    walls = oracle_until(expression, min(shown) - MINUTE, max(shown))
    ticks = [shown[wall] for wall in walls if wall in shown]
    return [tick for tick in ticks if tick > change - AROUND]


def random_expression(rng: Random) -> str:
    minutes = ",".join(str(one) for one in sorted(rng.sample(range(60), rng.randint(1, 4))))
    hours = rng.choice(["*", "*/2", "0-3", "1,2,3", str(rng.randint(0, 4))])
    return f"{minutes} {hours} * * {rng.choice(['*', '0,6', 'FRI-SAT', '*'])}"


@pytest.mark.parametrize("name", ZONES)
def test_skipped_times_are_none_and_doubled_ones_count_once(name: str) -> None:
    rng = Random(name)
    for year in YEARS:
        for change in changes(ZoneInfo(name), year):
            for expression in (*EXPRESSIONS, *(random_expression(rng) for _ in range(4))):
                table = Timetable(Cron(expression, timezone=name))
                begin, end = change - AROUND, change + AROUND - MINUTE

                ticks = list(table.between(begin, end))

                assert ticks == expected(name, change, expression), (expression, change)
                for at in rng.sample(range(AROUND // MINUTE), 3):
                    moment = change + at * MINUTE
                    before = [tick for tick in ticks if tick <= moment]
                    if before:
                        assert table.until(moment) == before[-1], (expression, moment)
                    later = [tick for tick in ticks if tick > moment]
                    if later:
                        assert next(table.after(moment)) == later[0], (expression, moment)


def test_both_changes_of_a_summer_are_walked_through_in_most_zones() -> None:
    seen = {name: len(list(changes(ZoneInfo(name), 2026))) for name in ZONES}

    assert len(ZONES) >= 40
    assert sum(count >= 2 for count in seen.values()) >= 25
