from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from workerless import Cron, Every, Once
from workerless.errors import DeclarationError
from workerless.schedule.timetable import Timetable
from workerless.schedule.translate import AwsExpression, translate
from workerless.schedule.when import When

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=one) for one in (1, 60, 3_600, 86_400))


def first(table: Timetable, after: datetime = NOON, count: int = 3) -> list[datetime]:
    return list(islice(table.after(after), count))


def fired(table: Timetable, begin: datetime, days: int) -> list[datetime]:
    """When AWS sends ticks for what it is told."""
    each = [
        Timetable(Cron(one.expression)).between(begin, begin + days * DAY)
        for one in translate(table)
    ]
    return sorted({tick for ticks in each for tick in ticks})


def test_intervals_count_from_the_epoch_whoever_deploys_when() -> None:
    assert first(Timetable(Every(hours=6))) == [NOON + n * 6 * HOUR for n in (1, 2, 3)]
    assert Timetable(Every(days=7)).until(NOON) == datetime(2026, 11, 19, tzinfo=UTC)


def test_intervals_count_from_the_first_whole_minute_of_the_start() -> None:
    table = Timetable(Every(minutes=50), start=NOON + 30 * SECOND)

    assert first(table) == [NOON + n * MINUTE for n in (1, 51, 101)]
    assert table.until(NOON) is None


@pytest.mark.parametrize("minutes", [1, 5, 7, 9, 16, 25, 32, 45, 90, 100, 288, 300, 1_440, 7_200])
def test_aws_fires_at_every_tick_of_an_interval_and_no_other_is_accepted(minutes: int) -> None:
    table = Timetable(Every(minutes=minutes), start=NOON + 17 * MINUTE)

    sent = fired(table, NOON, 11)

    assert len(translate(table)) <= 8
    assert [one for one in sent if table.accepts(one)] == list(table.between(NOON, NOON + 11 * DAY))
    if 1_440 % minutes == 0:
        assert sent[-3:] == list(table.between(NOON, NOON + 11 * DAY))[-3:]


def test_start_belongs_to_it_and_end_does_not() -> None:
    table = Timetable(Cron("0 * * * *"), start=NOON, end=NOON + 2 * HOUR)

    assert first(table, NOON - DAY) == [NOON, NOON + HOUR]
    assert table.until(NOON + DAY) == NOON + HOUR
    assert table.until(NOON - SECOND) is None
    accepted = [n for n in range(-2, 5) if table.accepts(NOON + n * HOUR)]
    assert accepted == [0, 1]


def test_times_of_cron_are_for_aws_to_tell() -> None:
    assert Timetable(Cron("0 9 * * *")).accepts(NOON)


def test_one_instant_is_one_tick() -> None:
    table = Timetable(Once(NOON))

    assert first(table, NOON - DAY) == [NOON]
    assert first(table, NOON) == []
    assert (table.until(NOON - SECOND), table.until(NOON + DAY)) == (None, NOON)


def test_years_of_aws_begin_and_end() -> None:
    table = Timetable(Cron("cron(0 0 1 1 ? 2025,2027)"))

    assert first(table, datetime(2020, 1, 1, tzinfo=UTC)) == [
        datetime(2025, 1, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    ]
    assert table.until(NOON) == datetime(2025, 1, 1, tzinfo=UTC)
    assert table.until(datetime(2031, 1, 1, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert table.until(datetime(2024, 1, 1, tzinfo=UTC)) is None


def test_year_that_has_begun_goes_on_from_where_it_is() -> None:
    table = Timetable(Cron("cron(0 0 1 * ? 2025-2026)"))

    assert first(table) == [datetime(2026, 12, 1, tzinfo=UTC)]
    assert table.until(NOON) == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "day"),
    [
        ("cron(0 0 ? * L *)", 28),  # a Saturday
        ("cron(0 0 ? * 1 *)", 29),
        ("cron(0 0 ? * SUN,TUE-THU *)", 24),
        ("cron(0 0 ? * 6L *)", 27),
        ("cron(0 0 ? * 2#5 *)", 30),
        ("cron(0 0 L * ? *)", 30),
        ("cron(0 0 28W * ? *)", 27),
        ("cron(0 0 1/8 * ? *)", 25),
        ("cron(0 0 * * ? *)", 23),
        ("cron(0 0 ? * * *)", 23),
    ],
)
def test_aws_counts_weekdays_from_sunday_as_one(expression: str, day: int) -> None:
    assert first(Timetable(Cron(expression)), count=1) == [datetime(2026, 11, day, tzinfo=UTC)]


def test_one_instant_is_told_in_utc() -> None:
    tokyo = datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Asia/Tokyo"))

    assert translate(Timetable(Once(tokyo))) == (AwsExpression("at(2026-12-01T00:00:00)", "UTC"),)


@pytest.mark.parametrize(
    ("when", "gap"),
    [
        (Every(minutes=5), 5 * MINUTE),
        (Every(days=7), DAY),
        (Once(NOON), DAY),
        (Cron("0 9 * * 1"), DAY),
        (Cron("0 9,17 * * *"), 8 * HOUR),
        (Cron("5,50 * * * *"), 15 * MINUTE),
        (Cron("59 23,0 * * *"), HOUR),
    ],
)
def test_shortest_gap_is_the_least_time_between_two_ticks(when: When, gap: timedelta) -> None:
    assert Timetable(when).shortest_gap == gap


def test_bounds_need_zones_and_an_order() -> None:
    with pytest.raises(DeclarationError, match="start must have a time zone"):
        Timetable(Every(days=1), start=NOON.replace(tzinfo=None))
    with pytest.raises(DeclarationError, match="end must be after start"):
        Timetable(Every(days=1), start=NOON, end=NOON)
