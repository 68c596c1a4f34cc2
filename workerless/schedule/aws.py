"""AWS' own cron, ``cron(minutes hours day-of-month month day-of-week year)``: Sunday is 1.

One of the two fields for days says ``?``. As documented; what is not (wrapped ranges, lists of
``L``, ``W`` and ``#``) is refused.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from workerless.errors import DeclarationError
from workerless.limits import MAX_SCHEDULE_EXPRESSION_LENGTH
from workerless.schedule.calendar import (
    DATES,
    HOURS,
    LAST,
    MINUTES,
    MONTHS,
    WEEKDAYS,
    Calendar,
    written,
)
from workerless.schedule.field import MONTH_NAMES, WEEKDAY_NAMES, Field

_MINUTE = Field("minute", MINUTES)
_HOUR = Field("hour", HOURS)
_DATE = Field("day-of-month", DATES)
_MONTH = Field("month", MONTHS, MONTH_NAMES)
_WEEKDAY = Field("day-of-week", range(1, 8), WEEKDAY_NAMES)
_YEAR = Field("year", range(1970, 2200))
_FIELDS = 6
_MARKED = re.compile(r"cron\((.*)\)")
_WORKDAY = re.compile(r"(\d+)W")
_NTH = re.compile(r"([^#]+)#([1-5])")
_LAST_OF_MONTH = re.compile(r"(.+)L")


def is_aws(expression: str) -> bool:
    """Whether it is marked as one of AWS."""
    return _MARKED.fullmatch(expression.strip()) is not None


def read_aws(expression: str) -> Calendar:
    """What a marked ``expression`` chooses. Raises ``DeclarationError`` naming field and value."""
    marked = _MARKED.fullmatch(expression.strip())
    fields = marked[1].upper().split() if marked else []
    if len(fields) != _FIELDS:
        raise DeclarationError(
            "an expression of AWS must be cron(...) around 6 fields (minutes hours day-of-month "
            f"month day-of-week year), got {expression!r}"
        )
    if len(expression.strip()) > MAX_SCHEDULE_EXPRESSION_LENGTH:
        raise DeclarationError(
            f"an expression of AWS must have at most {MAX_SCHEDULE_EXPRESSION_LENGTH} characters, "
            f"got {len(expression.strip())}"
        )
    minute, hour, date, month, weekday, year = fields
    if (date == "?") == (weekday == "?"):
        raise DeclarationError(
            f"day-of-month or day-of-week must be '?', and not both, got {date!r} and {weekday!r}"
        )
    calendar = Calendar(
        minutes=_MINUTE.numbers(minute),
        hours=_HOUR.numbers(hour),
        months=_MONTH.numbers(month),
        years=None if year == "*" else _YEAR.numbers(year),
    )
    calendar = _of_week(calendar, weekday) if date == "?" else _of_month(calendar, date)
    if not calendar.has_days:
        raise DeclarationError(f"day-of-month must be one that month {month!r} has, got {date!r}")
    return calendar


def write_aws(calendar: Calendar) -> tuple[str, ...]:
    """The expressions that together choose what ``calendar``, of Unix, does.

    Two may choose the same minute. The longest is well below AWS' 256 characters.
    """
    minutes, hours = written(calendar.minutes, MINUTES), written(calendar.hours, HOURS)
    months = written(calendar.months, MONTHS)
    return tuple(
        f"cron({minutes} {hours} {date} {months} {weekday} *)" for date, weekday in _days(calendar)
    )


def _of_month(calendar: Calendar, date: str) -> Calendar:
    if date == "L":
        return replace(calendar, last_date=True)
    if workday := _WORKDAY.fullmatch(date):
        return replace(calendar, workdays=frozenset({_DATE.number(workday[1])}))
    dates = _DATE.numbers(date)
    return calendar if len(dates) == len(DATES) else replace(calendar, dates=dates)


def _of_week(calendar: Calendar, weekday: str) -> Calendar:
    if weekday == "L":
        return replace(calendar, weekdays=frozenset({max(WEEKDAYS)}))
    if nth := _NTH.fullmatch(weekday):
        return replace(calendar, nth=frozenset({(_WEEKDAY.number(nth[1]) - 1, int(nth[2]))}))
    if last := _LAST_OF_MONTH.fullmatch(weekday):
        return replace(calendar, nth=frozenset({(_WEEKDAY.number(last[1]) - 1, LAST)}))
    weekdays = frozenset(number - 1 for number in _WEEKDAY.numbers(weekday))
    return calendar if len(weekdays) == len(WEEKDAYS) else replace(calendar, weekdays=weekdays)


def _days(calendar: Calendar) -> Iterator[tuple[str, str]]:
    """Day-of-month and day-of-week of each expression: AWS takes one kind of day at a time."""
    if calendar.dates:
        yield written(calendar.dates, DATES), "?"
    if calendar.last_date:
        yield "L", "?"
    if calendar.weekdays:
        yield "?", _weekdays(calendar.weekdays)
    for weekday, which in sorted(calendar.nth):
        yield "?", f"{weekday + 1}L" if which == LAST else f"{weekday + 1}#{which}"
    if calendar.is_daily:
        yield "*", "?"


def _weekdays(weekdays: frozenset[int]) -> str:
    """By name, so that nobody has to know where counting starts."""
    spans = [span.split("-") for span in written(weekdays, WEEKDAYS, step="").split(",")]
    return ",".join("-".join(WEEKDAY_NAMES[int(day)] for day in span) for span in spans)
