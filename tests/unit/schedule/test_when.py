from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from workerless import Cron, Every, Once
from workerless.errors import DeclarationError
from workerless.schedule.describe import describe
from workerless.schedule.when import When, read_when, text_of, zone_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (Cron("0 9 * * 1-5", timezone="Europe/Berlin"), "0 9 * * 1-5"),
        (Cron("cron(0 9 ? * MON *)"), "cron(0 9 ? * MON *)"),
        (Every(minutes=5), "rate(5 minutes)"),
        (Every(minutes=60), "rate(1 hour)"),
        (Every(hours=36), "rate(36 hours)"),
        (Every(days=7), "rate(7 days)"),
        (Once(datetime(2026, 12, 1, 9, tzinfo=BERLIN)), "at(2026-12-01T08:00:00)"),
    ],
)
def test_text_and_zone_bring_the_same_value_back(when: When, text: str) -> None:
    assert text_of(when) == text
    assert read_when(text, zone_of(when)) == when


def test_time_without_an_offset_is_read_on_the_clocks_of_the_zone() -> None:
    once = read_when("at(2026-12-01T09:00:00)", "Europe/Berlin")

    assert once == Once(datetime(2026, 12, 1, 8, tzinfo=UTC))
    assert read_when("at(2026-12-01T09:00:00+02:00)", "Europe/Berlin") == Once(
        datetime(2026, 12, 1, 7, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("at(tomorrow)", "a time like 2026-12-01T09:00:00, got 'tomorrow'"),
        ("at(2026-03-29T02:30:00)", "clocks show in Europe/Berlin.*which they skip"),
        ("rate(0 minutes)", "1 to 527040"),
        ("rate(999999999 days)", "1 to 527040"),
        ("rate(5 weeks)", "must have 5 fields"),
        ("every tuesday", "must have 5 fields"),
    ],
)
def test_text_that_says_no_time_is_refused(text: str, error: str) -> None:
    with pytest.raises(DeclarationError, match=error):
        read_when(text, "Europe/Berlin")


@pytest.mark.parametrize(
    "name", ["Europe/Berln", "Europe", "", "/etc/localtime", "right/UTC", "../UTC", "A" * 51]
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match="must be an IANA name"):
        Cron("@daily", timezone=name)


def test_intervals_are_whole_minutes_of_at_most_a_year() -> None:
    for wrong in ({}, {"minutes": -5}, {"days": 367}):
        with pytest.raises(DeclarationError, match="whole minutes"):
            Every(**wrong)
    assert Every(hours=1, minutes=30) == Every(minutes=90)
    assert Every(minutes=90).interval == timedelta(minutes=90)


def test_one_instant_needs_a_zone_and_a_whole_second() -> None:
    with pytest.raises(DeclarationError, match="must have a time zone"):
        Once(datetime(2026, 1, 1))  # noqa: DTZ001 -- the point
    with pytest.raises(DeclarationError, match="a whole second"):
        Once(datetime(2026, 1, 1, microsecond=1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (
            Cron("0 9 * * 1-5", timezone="Europe/Berlin"),
            "At 09:00 on Monday through Friday (Europe/Berlin)",
        ),
        (Cron("*/5 * * * *"), "Every fifth minute of every hour (UTC)"),
        (
            Cron("cron(0 9 ? * 6L 2026-2028)"),
            "At 09:00 on the last Friday of the month, in 2026-2028 (UTC)",
        ),
        (
            Cron("cron(0 9 15W 3 ? *)"),
            "At 09:00 on March 15, or the nearest day from Monday to Friday in that month (UTC)",
        ),
        (Every(minutes=1), "Every minute"),
        (Every(hours=6), "Every 6 hours"),
        (
            Once(datetime(2026, 12, 1, 9, tzinfo=BERLIN)),
            "Once, on 2026-12-01 at 08:00:00 (UTC)",
        ),
    ],
)
def test_people_read_when_it_is_due(when: When, text: str) -> None:
    assert describe(when) == text
