"""Searching records in memory."""

from collections.abc import Sequence

from workerless.errors import CursorRefusedError
from workerless.record import Record
from workerless.search import Hits, Search, check, has_keys, listed, matches


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


def place(record: Record) -> tuple[str, str]:
    """Where a record stands in a listing."""
    return record.updated_at.isoformat(timespec="microseconds"), record.job_id


def read_place(cursor: str, by: str = "search") -> tuple[str, str]:
    """What a cursor says. Raises ``CursorRefusedError``."""
    at, space, job_id = cursor.partition(" ")
    if not space:
        raise CursorRefusedError(f"cursor must be one that a {by} returned, got {cursor!r}")
    return at, job_id
