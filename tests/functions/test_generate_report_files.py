"""generate_report: its table, its chart, its email."""

import csv
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.generate_report.chart import WIDTH, chart
from functions.generate_report.figures import Bar, Figures, Line
from functions.generate_report.files import console_link
from functions.generate_report.mail import summary
from functions.generate_report.rows import duration, number
from functions.generate_report.table import table
from tests.functions.reporting import BERLIN
from workerless.search import Count

DAY = date(2026, 11, 21)
MIDNIGHT = datetime(2026, 11, 21, tzinfo=BERLIN)
SVG = "{http://www.w3.org/2000/svg}"
COUNTS = st.integers(0, 10**7)


def a_line(job_type: str = "send_email", **changes: Any) -> Line:
    told: dict[str, Any] = {
        "enqueued": Count(number=31),
        "completed": 28,
        "failed": 2,
        "discarded": 1,
        "cancelled": 0,
        "retried": 3,
        "dead_letters": Count(number=10_000, at_least=True),
        "p50_ms": 83.17,
        "p95_ms": 1_345.0,
    }
    return Line(job_type=job_type, **told | changes)


def an_untracked_line() -> Line:
    unknown = dict.fromkeys(
        ("enqueued", "completed", "discarded", "cancelled", "retried", "p50_ms", "p95_ms")
    )
    return a_line("clicks", **unknown)


def figures(**changes: Any) -> Figures:
    told: dict[str, Any] = {
        "day": DAY,
        "zone": BERLIN.key,
        "until": MIDNIGHT + timedelta(days=1),
        "is_over": True,
        "lines": [a_line()],
        "bars": bars([1] * 24, [0] * 24),
        "missing": [],
        "doubtful": [],
    }
    return Figures(**told | changes)


def bars(completed: list[int | None], failed: list[int]) -> list[Bar]:
    return [
        Bar(start=MIDNIGHT + timedelta(hours=hour), completed=one, failed=bad)
        for hour, (one, bad) in enumerate(zip(completed, failed, strict=True))
    ]


def parsed(drawn: bytes) -> ET.Element:
    return ET.fromstring(drawn)  # noqa: S314 -- our own


def test_table_has_a_row_for_each_job_type_and_leaves_empty_what_nobody_knows() -> None:
    text = table(figures(lines=[a_line(), an_untracked_line()])).decode()

    note, *rows = csv.reader(StringIO(text, newline=""))
    assert note == ["# unknown: job types that are not fully tracked leave nothing to count"]
    assert rows == [
        [
            *("day", "job_type", "enqueued", "completed", "failed", "discarded", "cancelled"),
            *("retried", "dead_letters", "p50_ms", "p95_ms"),
        ],
        ["2026-11-21", "send_email", "31", "28", "2", "1", "0", "3", "10000+", "83.2", "1345.0"],
        ["2026-11-21", "clicks", "", "", "2", "", "", "", "10000+", "", ""],
    ]


@given(st.lists(st.tuples(st.none() | COUNTS, COUNTS), min_size=23, max_size=25))
def test_bars_stay_in_the_drawing_whatever_they_count(hours: list[tuple[int | None, int]]) -> None:
    drawn = chart(figures(bars=bars([one for one, _ in hours], [bad for _, bad in hours])))

    for box in parsed(drawn).iter(f"{SVG}rect"):
        x, y, width, height = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        assert width > 0
        assert height >= 0
        assert 0 <= x <= x + width <= WIDTH + 0.01
        assert y >= 0


def test_single_failed_job_among_many_is_seen() -> None:
    drawn = parsed(chart(figures(bars=bars([90_000] * 24, [0] * 23 + [1]))))

    told = [box for box in drawn.iter(f"{SVG}rect") if box.attrib.get("class") == "failed"]
    assert [box.attrib["height"] for box in told if box.find(f"{SVG}title") is not None] == ["3.00"]


def test_drawing_loads_and_runs_nothing() -> None:
    drawn = chart(figures(lines=[a_line(), an_untracked_line()]))

    assert not any(word in drawn for word in (b"href", b"script", b"url(", b"@import"))


def test_drawing_shows_the_busiest_job_types_and_says_how_many_there_are_besides() -> None:
    lines = [a_line(f"job{one}", completed=one) for one in range(25)]

    texts = "\n".join(parsed(chart(figures(lines=lines))).itertext())

    assert "job24\n" in texts
    assert "job4\n" not in texts
    assert "and 5 more" in texts


def test_drawing_says_what_is_missing() -> None:
    drawn = chart(figures(missing=[MIDNIGHT], bars=bars([None] * 24, [0] * 24)))

    assert b"not counted, their jobs are missing: 00:00-01:00" in drawn
    assert drawn.count(b"<title>not counted</title>") == 24


@pytest.mark.parametrize(
    ("ms", "told"),
    [
        (None, "\N{EN DASH}"),
        (83.17, "83 ms"),
        (1_345.0, "1.3 s"),
        (90_000.0, "1.5 min"),
        (5_400_000.0, "1.5 h"),
    ],
)
def test_durations_are_told_as_people_say_them(ms: float | None, told: str) -> None:
    assert duration(ms) == told


def test_numbers_say_where_there_may_be_more() -> None:
    told = [number(one) for one in (None, 1_234, Count(number=9), Count(number=9, at_least=True))]

    assert told == ["\N{EN DASH}", "1,234", "9", "9+"]


def test_email_says_in_a_sentence_how_it_went_and_what_is_missing() -> None:
    assert summary(figures()) == "28 completed, 2 failed, 3 retried"
    assert summary(figures(missing=[MIDNIGHT])).endswith("their jobs are missing: 00:00-01:00")


def test_hours_in_a_row_are_told_as_one_range() -> None:
    hours = [MIDNIGHT + timedelta(hours=one) for one in (0, 1, 2, 7, 22, 23)]

    assert figures(missing=hours).notes[0].endswith(": 00:00-03:00, 07:00-08:00, 22:00-00:00")


def test_email_has_room_for_a_day_without_counts() -> None:
    hours = [MIDNIGHT + timedelta(hours=one) for one in range(25)]

    told = summary(figures(missing=hours, doubtful=hours, lines=[an_untracked_line()]))

    assert len(told) <= 500


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "eu-central-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_link_leads_to_the_console_of_the_partition(region: str, host: str) -> None:
    link = console_link("bucket", DAY, region=region)

    assert link == (
        f"https://{host}/s3/buckets/bucket?region={region}&prefix=reports%2F2026-11-21%2F"
    )
