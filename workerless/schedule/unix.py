"""Unix cron: five fields, names like ``@daily``, and how a day of the month and of the week meet.

Beyond what every cron reads: ``L`` for the last day of the month, ``5L`` or ``FRIL`` for the last
Friday of the month and ``1#2`` or ``MON#2`` for its second Monday.
"""

from workerless.errors import DeclarationError
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

NAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MINUTE = Field("minute", MINUTES)
_HOUR = Field("hour", HOURS)
_DATE = Field("day-of-month", DATES)
_MONTH = Field("month", MONTHS, MONTH_NAMES)
_WEEKDAY = Field("day-of-week", WEEKDAYS, WEEKDAY_NAMES, also=7)
_FIELDS = 5
_WEEKS = ("1", "2", "3", "4", "5")


def read_unix(expression: str) -> Calendar:
    """What ``expression`` chooses. Raises ``DeclarationError`` naming field and value."""
    text = expression.strip()
    if text.startswith("@") and text.lower() not in NAMES:
        raise DeclarationError(f"a name must be one of {', '.join(NAMES)}, got {text!r}")
    fields = NAMES.get(text.lower(), text).split()
    if len(fields) != _FIELDS:
        raise DeclarationError(
            "a cron expression must have 5 fields (minute hour day-of-month month day-of-week; "
            f"one of AWS stands in cron(...)), got {len(fields)} in {expression!r}"
        )
    minute, hour, date, month, weekday = fields
    dates, last_date = _dates(date)
    weekdays, nth = _weekdays(weekday)
    all_dates, all_weekdays = len(dates) == len(DATES), len(weekdays) == len(WEEKDAYS)
    if "*" not in (date[0], weekday[0]):
        # Both are restricted: cron takes the days that are either.
        every = all_dates or all_weekdays
    elif all_dates or all_weekdays:
        every = all_dates and all_weekdays
    else:
        # One begins with a star: cron takes the days that are both.
        raise DeclarationError(
            "day-of-month or day-of-week must be '*' where the other begins with a star (cron "
            f"reads that as days that are both, which AWS cannot say), got {date!r} and {weekday!r}"
        )
    calendar = Calendar(
        minutes=_MINUTE.numbers(minute),
        hours=_HOUR.numbers(hour),
        months=_MONTH.numbers(month),
        dates=frozenset() if all_dates or every else dates,
        last_date=last_date and not every and not all_dates,
        weekdays=frozenset() if all_weekdays or every else weekdays,
        nth=frozenset() if all_weekdays or every else nth,
    )
    if not calendar.has_days:
        raise DeclarationError(f"day-of-month must be one that month {month!r} has, got {date!r}")
    return calendar


def write_unix(calendar: Calendar) -> str:
    """Five fields that cron libraries read as ``calendar``, apart from its years.

    For ``workdays`` stand the dates themselves.
    """
    dates = [
        *_listed(calendar.dates | calendar.workdays, DATES),
        *(["L"] if calendar.last_date else []),
    ]
    weekdays = [
        *_listed(calendar.weekdays, WEEKDAYS),
        *(f"{day}L" if which == LAST else f"{day}#{which}" for day, which in sorted(calendar.nth)),
    ]
    return " ".join(
        (
            _starred(calendar.minutes, MINUTES),
            _starred(calendar.hours, HOURS),
            ",".join(dates) or "*",
            _starred(calendar.months, MONTHS),
            ",".join(weekdays) or "*",
        )
    )


def _starred(numbers: frozenset[int], among: range) -> str:
    whole = min(numbers) == among[0]
    return written(numbers, among, step="*/{step}" if whole else "{first}-{last}/{step}")


def _listed(numbers: frozenset[int], among: range) -> list[str]:
    """A star would make of a day of the month *or* the week one that is both."""
    return [written(numbers, among, step="{first}-{last}/{step}")] if numbers else []


def _dates(text: str) -> tuple[frozenset[int], bool]:
    terms = text.split(",")
    plain = [term for term in terms if term.upper() != "L"]
    if any(term.upper().endswith(("L", "W")) for term in plain):
        raise _DATE.refused(text, "dates, or L for the last day; W only in cron(...) of AWS")
    numbers = _DATE.numbers(",".join(plain)) if plain else frozenset[int]()
    return numbers, len(plain) < len(terms)


def _weekdays(text: str) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    plain: list[str] = []
    nth: set[tuple[int, int]] = set()
    for term in text.split(","):
        day, sharp, which = term.partition("#")
        if sharp:
            if which not in _WEEKS:
                raise _WEEKDAY.refused(term, "with # 1 to 5")
            nth.add((_WEEKDAY.number(day) % len(WEEKDAYS), int(which)))
        elif term.upper().endswith("L") and len(term) > 1:
            nth.add((_WEEKDAY.number(term[:-1]) % len(WEEKDAYS), LAST))
        else:
            plain.append(term)
    numbers = _WEEKDAY.numbers(",".join(plain)) if plain else frozenset[int]()
    return frozenset(number % len(WEEKDAYS) for number in numbers), frozenset(nth)
