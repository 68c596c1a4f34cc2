"""generate_report: days of a zone, their hours, and durations in buckets."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.generate_report.day import HOUR, bounds, days_meant, hour_of, hours_between
from functions.generate_report.duration import bucket, percentile_ms
from tests.functions.reporting import BERLIN
from workerless.operations.statistic import percentile

NINE = datetime(2026, 11, 24, 8, tzinfo=UTC)
ZONES = ["Europe/Berlin", "UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York"]


def day(number: int) -> date:
    return date(2026, 11, number)


@pytest.mark.parametrize(
    ("asked", "covers", "days"),
    [
        (day(7), (None, NINE), [day(7)]),
        (None, None, [day(23)]),
        (None, (None, NINE), [day(23)]),
        (None, (NINE - timedelta(days=1), NINE), [day(23)]),
        (None, (NINE - timedelta(days=3), NINE), [day(21), day(22), day(23)]),
        (None, (NINE - timedelta(hours=1), NINE), [day(23)]),
    ],
)
def test_days_are_those_that_the_job_stands_for(
    asked: date | None, covers: tuple[datetime | None, datetime] | None, days: list[date]
) -> None:
    assert days_meant(asked, covers, now=NINE, zone=BERLIN) == days


def test_long_outage_is_made_up_for_by_a_month_at_most() -> None:
    days = days_meant(None, (NINE - timedelta(days=90), NINE), now=NINE, zone=BERLIN)

    assert (len(days), days[-1]) == (31, day(23))


@pytest.mark.parametrize(
    ("one", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (day(23), 24)]
)
def test_days_on_which_clocks_change_have_an_hour_less_or_more(one: date, hours: int) -> None:
    assert len(list(hours_between(*bounds(one, BERLIN)))) == hours


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.sampled_from(ZONES))
def test_each_moment_of_a_day_lies_in_one_of_its_hours(one: date, zone: str) -> None:
    first, end = bounds(one, ZoneInfo(zone))
    hours = list(hours_between(first, end))

    for second in (0, 1, 1_799, 3_599, 40_000, 90_000):
        moment = min(first + timedelta(seconds=second), end - timedelta(microseconds=1))
        at = hour_of(moment, ZoneInfo(zone))
        assert at in hours
        assert at <= moment < at + HOUR


@given(st.lists(st.integers(1, 864_000_000), min_size=1, max_size=200), st.sampled_from([50, 95]))
def test_percentile_is_right_to_one_per_cent(milliseconds: list[int], percent: int) -> None:
    buckets = Counter(bucket(timedelta(milliseconds=one)) for one in milliseconds)

    found = percentile_ms(buckets, percent)

    assert found == pytest.approx(percentile(sorted(milliseconds), percent), rel=0.0101)


def test_nothing_has_no_percentile() -> None:
    assert percentile_ms({}, 95) is None
