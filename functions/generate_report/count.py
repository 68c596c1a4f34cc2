"""Counting what ended, out of the rows of a store: read once, a page at a time, up to a bound."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.generate_report.day import hour_of, hours_between
from functions.generate_report.tally import ENDS, Hour, ended_at
from workerless import State
from workerless.search import Count, Hits, Listed, Search

# Of one job type and one end in one run: 80 a second for an hour.
MAX_ROWS = 300_000
# Open jobs of all types lie together: looking for one type's looks at all.
MAX_OPEN_PAGES = 5
_PAGE = 1_000
_OPEN = frozenset({State.SCHEDULED, State.PENDING, State.RETRYING, State.PROCESSING})


class Rows(Protocol):
    """The records of a stage, to be searched."""

    def search(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits: ...

    def count(self, job_type: str, state: State, *, at_most: int) -> Count: ...


def count_hours(
    rows: Rows, job_types: Sequence[str], *, first: datetime, now: datetime, zone: ZoneInfo
) -> dict[datetime, Hour]:
    """Each hour from the one that begins at ``first`` to the present one, by when it begins."""
    hours = {at: Hour(start=at, counted_at=now) for at in hours_between(first, now)}
    for job_type in job_types:
        for state in ENDS:
            search = Search(job_type=job_type, states=frozenset({state}), since=first)
            _count(_rows(rows, search), hours, zone)
    return hours


def count_open(rows: Rows, job_type: str, *, first: datetime, until: datetime) -> tuple[int, bool]:
    """How many jobs enqueued from ``first`` to ``until`` have not ended, and if that is all."""
    found, is_all = 0, True
    for states in (_OPEN, frozenset({State.HELD})):
        search, cursor = Search(job_type=job_type, states=states), None
        for _ in range(MAX_OPEN_PAGES):
            hits = rows.search(search, limit=_PAGE, cursor=cursor)
            # A redriven job has been counted with its first end.
            found += sum(
                row.generation == 1 and first <= row.enqueued_at < until for row in hits.rows
            )
            cursor = hits.cursor
            if cursor is None:
                break
        is_all = is_all and cursor is None
    return found, is_all


def _count(rows: Iterator[Listed], hours: dict[datetime, Hour], zone: ZoneInfo) -> None:
    """Rows come with their last change first, so what is beyond the bound is the earliest."""
    reached = None
    for row in islice(rows, MAX_ROWS):
        reached = hour_of(row.updated_at, zone)
        # A change later on, of a job that ended before all that is counted here.
        if hour := hours.get(hour_of(ended_at(row), zone)):
            hour.add(row, enqueued=hour_of(row.enqueued_at, zone))
    if next(rows, None) is not None and reached is not None:
        for at, hour in hours.items():
            hour.is_whole = hour.is_whole and at > reached


def _rows(rows: Rows, search: Search) -> Iterator[Listed]:
    cursor = None
    while True:
        hits = rows.search(search, limit=_PAGE, cursor=cursor)
        yield from hits.rows
        cursor = hits.cursor
        if cursor is None:
            return
