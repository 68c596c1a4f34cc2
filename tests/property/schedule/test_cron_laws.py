"""Cron expressions: our reading, and AWS', choose what an independent library chooses."""

from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice, pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.machines.sizes import NIGHTLY
from tests.property.schedule.expressions import expressions, oracle
from workerless.errors import DeclarationError
from workerless.schedule.aws import read_aws, write_aws
from workerless.schedule.timetable import Timetable
from workerless.schedule.translate import translate
from workerless.schedule.unix import read_unix, write_unix
from workerless.schedule.when import Cron

LAW = settings(deadline=None, max_examples=5_000 if NIGHTLY else 500)
SMALL = settings(deadline=None, max_examples=1_000 if NIGHTLY else 150)
COUNT = 25
instants = st.datetimes(datetime(2020, 1, 1), datetime(2037, 12, 31))  # noqa: DTZ001 -- wall times
"""Of any second: expressions know minutes only."""


def timetable(expression: str) -> Timetable:
    """Of an expression with days that come: the others are refused."""
    try:
        return Timetable(Cron(expression))
    except DeclarationError as error:
        assume("must be one that" not in str(error))
        raise


def in_croniters_words(aws: str) -> str:
    """Sunday is 0, ``?`` a star, and the last Friday ``L5``."""
    minute, hour, date, month, weekday, year = aws.removeprefix("cron(").removesuffix(")").split()
    assert year == "*"
    if weekday.endswith("L"):
        weekday = f"L{int(weekday[:-1]) - 1}"
    elif "#" in weekday:
        weekday = f"{int(weekday[0]) - 1}{weekday[1:]}"
    return f"{minute} {hour} {date} {month} {weekday}".replace("?", "*")


@LAW
@given(expressions(), instants)
def test_ticks_are_those_of_an_independent_library(expression: str, after: datetime) -> None:
    ticks = islice(timetable(expression).after(after.replace(tzinfo=UTC)), COUNT)

    assert [tick.replace(tzinfo=None) for tick in ticks] == oracle(expression, after, COUNT)


@LAW
@given(expressions(), instants)
def test_what_aws_is_told_chooses_the_same(expression: str, after: datetime) -> None:
    told = translate(timetable(expression))

    each = [oracle(in_croniters_words(one.expression), after, COUNT) for one in told]
    together = list(dict.fromkeys(merge(*each)))[:COUNT]
    assert together == oracle(expression, after, COUNT)
    assert all(len(one.expression) <= 256 for one in told)


@SMALL
@given(expressions(), instants)
def test_expressions_of_aws_are_read_as_they_were_written(expression: str, at: datetime) -> None:
    for one in translate(timetable(expression)):
        ticks = islice(timetable(one.expression).after(at.replace(tzinfo=UTC)), COUNT)

        assert [tick.replace(tzinfo=None) for tick in ticks] == oracle(
            in_croniters_words(one.expression), at, COUNT
        )


@SMALL
@given(expressions(), instants)
def test_latest_tick_is_the_last_one_before_the_next(expression: str, at: datetime) -> None:
    table = timetable(expression)
    at = at.replace(tzinfo=UTC)

    latest = table.until(at)

    assert latest is not None
    assert latest <= at
    assert next(table.after(latest)) == next(table.after(at))
    assert next(table.after(latest - timedelta(seconds=1))) == latest


@SMALL
@given(expressions())
def test_reading_what_was_written_gives_the_same(expression: str) -> None:
    timetable(expression)
    calendar = read_unix(expression)

    assert read_unix(write_unix(calendar)) == calendar
    days = [read_aws(one) for one in write_aws(calendar)]
    assert {one.minutes for one in days} == {calendar.minutes}
    assert frozenset[int]().union(*(one.weekdays for one in days)) == calendar.weekdays


@SMALL
@given(expressions(), instants)
def test_no_two_ticks_are_closer_than_the_shortest_gap(expression: str, after: datetime) -> None:
    table = timetable(expression)

    ticks = list(islice(table.after(after.replace(tzinfo=UTC)), COUNT))

    assert all(later - one >= table.shortest_gap for one, later in pairwise(ticks))


@settings(deadline=None)
@given(st.text("0123456789*/-,LW#? MONJANcron()@", max_size=30) | st.text(max_size=20))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    try:
        cron = Cron(text)
    except DeclarationError:
        return
    assert next(Timetable(cron).after(datetime(2026, 1, 1, tzinfo=UTC)), None) is not None or (
        "cron(" in text
    )


@pytest.mark.parametrize("workday", range(1, 32))
def test_workday_is_the_nearest_of_its_month(workday: int) -> None:
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
    days = [begin + timedelta(days=day) for day in range((end - begin).days)]
    open_days = [day for day in days if day.weekday() < 5]
    wanted = [day for day in days if day.day == workday]

    found = list(Timetable(Cron(f"cron(0 0 {workday}W * ? *)")).between(begin - timedelta(1), end))

    nearest = [
        min(
            (one for one in open_days if (one.year, one.month) == (day.year, day.month)),
            key=lambda one: abs(one - day),
        )
        for day in wanted
    ]
    assert [tick for tick in found if tick < end] == nearest
