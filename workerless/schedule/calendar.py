"""What a cron expression chooses, whichever dialect wrote it, on the clocks of some zone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

MINUTES, HOURS, DATES, MONTHS = range(60), range(24), range(1, 32), range(1, 13)
# Sunday is 0, as Unix counts.
WEEKDAYS = range(7)
LAST = 0
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SHORTEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A minute is chosen when its minute, hour, month and year are, and its day.

    A day is chosen when any of the five fields from ``dates`` on does; every day where all are
    empty. ``nth`` holds pairs of a weekday and which of its month: 1 to 5, or ``LAST``.
    ``workdays`` are dates, each for the day from Monday to Friday nearest to it in its month.
    Without ``years`` it goes on for ever.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    dates: frozenset[int] = frozenset()
    last_date: bool = False
    workdays: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    nth: frozenset[tuple[int, int]] = frozenset()
    years: frozenset[int] | None = None

    @property
    def is_daily(self) -> bool:
        """Whether it chooses every day of its months."""
        return not (self.dates or self.last_date or self.workdays or self.weekdays or self.nth)

    @property
    def has_days(self) -> bool:
        """Whether any day in some year is chosen; 30 February is none."""
        if self.weekdays or self.nth or self.last_date:
            return True
        dates = self.dates | self.workdays
        longest = max(_DAYS_IN_MONTH[month - 1] for month in self.months)
        return not dates or min(dates) <= longest


def written(numbers: Iterable[int], among: range, *, step: str = "{first}/{step}") -> str:
    """``numbers`` as a field says them: ``*``, a step to the end, or ranges and single ones.

    Without a form for a ``step`` there is none.
    """
    chosen = sorted(numbers)
    if len(chosen) == len(among):
        return "*"
    gaps = {later - one for one, later in pairwise(chosen)}
    if step and len(chosen) >= _SHORTEST and len(gaps) == 1 and min(gaps) > 1:
        gap = gaps.pop()
        if chosen[-1] + gap not in among:
            return step.format(first=chosen[0], step=gap, last=among[-1])
    return ",".join(_run(run) for run in _runs(chosen))


def _runs(chosen: list[int]) -> Iterator[list[int]]:
    """Three neighbours or more together, all others alone."""
    run: list[int] = []
    for number in [*chosen, None]:
        if number is not None and (not run or run[-1] == number - 1):
            run.append(number)
            continue
        yield from [run] if len(run) >= _SHORTEST else ([one] for one in run)
        run = [] if number is None else [number]


def _run(run: list[int]) -> str:
    return str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"
