"""Searching records in memory."""

from collections.abc import Iterable, Sequence

from workerless.errors import CursorRefusedError, WorkerlessError
from workerless.ports import Page
from workerless.record import Record
from workerless.retention import bodiless
from workerless.search import Hits, Search, check, has_keys, listed, matches

_MAX_LIMIT = 200


def search(records: Sequence[Record], search: Search, *, limit: int, cursor: str | None) -> Hits:
    """As ``SearchStore.search``, of all records that are listed anywhere."""
    job_type = check(search, limit)
    places = {
        _place(record, search): record
        for record in records
        if record.job_type == job_type
        and has_keys(record, search)
        and matches(listed(record), search)
    }
    after = read_place(cursor) if cursor else None
    left = sorted((place for place in places if not after or place < after), reverse=True)
    return Hits(
        rows=tuple(listed(places[place]) for place in left[:limit]),
        cursor=" ".join(left[limit - 1]) if len(left) > limit else None,
    )


def _place(record: Record, search: Search) -> tuple[str, str]:
    at = record.enqueued_at if search.keys else record.updated_at
    return at.isoformat(timespec="microseconds"), record.job_id


def page(records: Iterable[Record], *, limit: int, cursor: str | None) -> Page:
    """A page of a listing, by their last change, the newest first. ``limit`` is 1 to 200."""
    if not 1 <= limit <= _MAX_LIMIT:
        raise WorkerlessError(f"limit must be between 1 and {_MAX_LIMIT}, got {limit}")
    places = {_listed_at(record): bodiless(record) for record in records}
    after = read_place(cursor, "listing") if cursor else None
    left = sorted((place for place in places if not after or place < after), reverse=True)
    more = len(left) > limit
    return Page(
        records=tuple(places[place] for place in left[:limit]),
        cursor=" ".join(left[limit - 1]) if more else None,
    )


def _listed_at(record: Record) -> tuple[str, str]:
    return record.updated_at.isoformat(timespec="microseconds"), record.job_id


def read_place(cursor: str, by: str = "search") -> tuple[str, str]:
    """What a cursor says. Raises ``CursorRefusedError``."""
    at, space, job_id = cursor.partition(" ")
    if not space:
        raise CursorRefusedError(f"cursor must be one that a {by} returned, got {cursor!r}")
    return at, job_id
