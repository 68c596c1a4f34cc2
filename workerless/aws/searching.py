"""Searches: rows out of the index of jobs that rest, records of those that wait, or by a key.

A row of ``by_state`` has all that is asked of it, so nothing else is read. What a page looks at is
bounded, whatever it finds: a page may hold less than its limit, or nothing, and have one after it.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from workerless.aws import listing
from workerless.aws.item import Item, read_place, record_key, state_at, state_key, to_record
from workerless.aws.listing import Positions
from workerless.aws.query import Between, Partition
from workerless.aws.row import to_row
from workerless.aws.search_key import is_of, key_partition
from workerless.aws.table import Table
from workerless.aws.value import ceiling
from workerless.due import SHARDS
from workerless.record import Record
from workerless.retention import has_expired
from workerless.search import Hits, Listed, Search, check, has_keys, listed, matches
from workerless.search_key import key_digest
from workerless.states import State

LOOKED_AT = 2_000
_CHUNK = 100
_LAST = 10**15 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The jobs of one type that rest in one state."""

    table: Table
    job_type: str
    state: State
    between: Between

    def rows(self, reached: Positions, *, page: int) -> Iterator[tuple[int, Listed]]:
        """Shard and row of each job from ``reached`` on, the last first."""
        shards = (self._shard(shard, reached.get(shard), page) for shard in range(SHARDS))
        for _, shard, item in heapq.merge(*shards, key=lambda one: one[0], reverse=True):
            yield shard, to_row(item, self.job_type, self.state)

    def _shard(
        self, shard: int, position: tuple[int, str] | None, page: int
    ) -> Iterator[tuple[tuple[int, str], int, Item]]:
        key, after = {"state_key": state_key(self.job_type, self.state, shard)}, None
        if position is not None:
            after = {**key, "state_at": state_at(*position), **record_key(position[1])}
        items = Partition(table=self.table, key=key, index="by_state", between=self.between)
        for item in items.latest(after=after, page=page):
            yield read_place(item["state_at"]), shard, item


def search(table: Table, search: Search, now: datetime, *, limit: int, cursor: str | None) -> Hits:
    """As ``SearchStore.search``."""
    job_type = check(search, limit)
    reached = listing.read_cursor(cursor)
    if search.keys:
        return _by_key(table, job_type, search, now, limit=limit, reached=reached)
    state = next(iter(search.states))
    if search.since and search.until and search.since >= search.until:
        return Hits(rows=(), cursor=None)  # DynamoDB refuses a range that ends before it begins
    if state.is_resting:
        shelf = Shelf(table=table, job_type=job_type, state=state, between=_between(search))
        # Shards fill alike: each is asked for its share of a page and a little more.
        rows = shelf.rows(reached, page=limit // SHARDS * 5 // 4 + 10)
        return _page(rows, search, now, limit=limit, reached=reached)
    page = listing.find(
        table,
        lambda record: _is_meant(record, search, now),
        listing.walk(state, job_type),
        limit=limit,
        cursor=cursor,
    )
    return Hits(rows=tuple(listed(record) for record in page.records), cursor=page.cursor)


def _page(
    rows: Iterator[tuple[int, Listed]],
    search: Search,
    now: datetime,
    *,
    limit: int,
    reached: Positions,
) -> Hits:
    """What is meant of ``rows``, each with its shard; ``reached`` is moved on."""
    found: list[Listed] = []
    for looked_at, (shard, row) in enumerate(rows):
        if len(found) == limit or looked_at == LOOKED_AT:
            return Hits(rows=tuple(found), cursor=listing.write_cursor(reached))
        reached[shard] = (ceiling(row.updated_at), row.job_id)
        is_over = row.expires_at is not None and row.expires_at <= now
        if not is_over and matches(row, search):
            found.append(row)
    return Hits(rows=tuple(found), cursor=None)


def _between(search: Search) -> Between:
    """Times are kept in whole milliseconds; a time alone sorts before all jobs of its moment."""
    first = ceiling(search.since) if search.since else 0
    last = ceiling(search.until) if search.until else _LAST
    return Between(name="state_at", first=state_at(first, ""), last=state_at(last, ""))


def _by_key(
    table: Table,
    job_type: str,
    search: Search,
    now: datetime,
    *,
    limit: int,
    reached: Positions,
) -> Hits:
    """The first key leads to records, which tell the rest."""
    field, value = min(search.keys.items())
    partition, after = key_partition(job_type, field, key_digest(value)), None
    if 0 in reached:
        after = {**partition, "sk": state_at(*reached[0])}
    items = Partition(table=table, key=partition).latest(after=after, page=min(limit + 1, _CHUNK))
    found: list[Listed] = []
    for _ in range(0, LOOKED_AT, _CHUNK):
        places = [read_place(item["sk"]) for item in islice(items, _CHUNK)]
        records = table.read([record_key(job_id) for _, job_id in places])
        for place, item in zip(places, records, strict=True):
            if len(found) == limit:
                return Hits(rows=tuple(found), cursor=listing.write_cursor(reached))
            reached[0] = place
            record = to_record(item) if item is not None else None
            if record and is_of(record, place[0]) and _is_meant(record, search, now):
                found.append(listed(record))
        if len(places) < _CHUNK:
            return Hits(rows=tuple(found), cursor=None)
    return Hits(rows=tuple(found), cursor=listing.write_cursor(reached))


def _is_meant(record: Record, search: Search, now: datetime) -> bool:
    return (
        record.job_type == search.job_type
        and not has_expired(record, now)
        and has_keys(record, search)
        and matches(listed(record), search)
    )
