"""Random cron expressions, and croniter's word on what they choose: the oracle, not our library."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice, takewhile

from croniter import CroniterBadDateError, croniter
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@st.composite
def terms(draw: DrawFn, low: int, high: int, names: tuple[str, ...] = ()) -> str:
    """A number or name, a range, or a step over the field, from a number on, or over a range."""
    first = draw(st.integers(low, high - 1))
    last = draw(st.integers(first + 1, high))  # croniter takes 9-9 for everything
    step = draw(st.integers(1, high - low))
    name = str(first) if not names else draw(st.sampled_from((str(first), names[first - low])))
    return draw(
        st.sampled_from(
            (name, f"{first}-{last}", f"*/{step}", f"{first}/{step}", f"{first}-{last}/{step}")
        )
    )


def fields(low: int, high: int, names: tuple[str, ...] = ()) -> SearchStrategy[str]:
    some = st.lists(terms(low, high, names), min_size=1, max_size=3).map(",".join)
    return st.just("*") | some


nth = st.lists(
    st.builds("{}#{}".format, st.integers(0, 6), st.integers(1, 4)), min_size=1, max_size=2
).map(",".join)


@st.composite
def expressions(draw: DrawFn) -> str:
    """Five fields, never those that cron reads as days that are both: no AWS schedule is that."""
    dates = draw(fields(1, 31) | st.sampled_from(("L", "15,L", "1,L")))
    weekdays = draw(fields(0, 6, WEEKDAYS) | nth)
    # croniter takes all seven days by name for a star, cron only what begins with one.
    whole = "#" not in weekdays and croniter.expand(f"0 0 * * {weekdays}")[0][4] == ["*"]
    if whole or "*" in (dates[0], weekdays[0]) or "#" in weekdays:
        dates, weekdays = draw(st.sampled_from(((dates, "*"), ("*", weekdays))))
    return " ".join(
        (draw(fields(0, 59)), draw(fields(0, 23)), dates, draw(fields(1, 12, MONTHS)), weekdays)
    )


def oracle(expression: str, after: datetime, count: int) -> list[datetime]:
    """The first wall times later than ``after`` that croniter sees; none for days that never come.

    ``implement_cron_bug``: days of month *and* week where one of them begins with a star, as cron.
    """
    try:
        return list(islice(_seen(expression, after), count))
    except CroniterBadDateError:
        return []


def oracle_until(expression: str, after: datetime, until: datetime) -> list[datetime]:
    """The wall times later than ``after``, up to and with ``until``."""
    return list(takewhile(lambda wall: wall <= until, _seen(expression, after)))


def _seen(expression: str, after: datetime) -> Iterator[datetime]:
    return croniter(
        expression, after, implement_cron_bug=True, max_years_between_matches=50
    ).all_next(datetime)
