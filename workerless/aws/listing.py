"""Pages of jobs out of the two indexes: eight shards each, merged last first.

Jobs that have ended are found in ``by_state``, in the order of their last change. Jobs that wait or
run are found in ``due``, which knows neither type nor state: it is walked from the latest due time,
at most ``SCANNED`` jobs a page, so a page may hold less than its limit, or nothing, and still have
one after it. An index is a moment behind, so every job found is read again and asked for its state.
"""

import base64
import heapq
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from workerless.aws.item import (
    Item,
    read_state_at,
    record_key,
    state_at,
    state_key,
    to_record,
)
from workerless.aws.query import Partition
from workerless.aws.table import Table
from workerless.aws.value import Value, number
from workerless.due import SHARDS
from workerless.errors import CursorRefusedError, WorkerlessError
from workerless.frozen import frozen
from workerless.ports import Page
from workerless.record import Record
from workerless.retention import has_expired
from workerless.states import State

SCANNED = 1_000
MAX_LIMIT = 200
_CHUNK = 100

# What has been looked at, by shard: the instant and job id it goes on after.
type Positions = dict[int, tuple[int, str]]


@frozen
class Walk:
    """One way through an index, all shards at once.

    ``partition`` is the key of a shard, ``sort`` that of a place in it (instant and job id), and
    ``read`` tells an item's instant, in epoch milliseconds.
    """

    index: str
    partition: Callable[[int], Mapping[str, Value]]
    sort: Callable[[int, str], Mapping[str, Value]]
    read: Callable[[Item], int]

    def keys(self, table: Table, positions: Positions, page: int) -> Iterator[tuple[int, str, int]]:
        """Instant, job id and shard of each job from ``positions`` on, the last first."""
        shards = (self._keys(table, shard, positions.get(shard), page) for shard in range(SHARDS))
        return heapq.merge(*shards, reverse=True)

    def _keys(
        self, table: Table, shard: int, position: tuple[int, str] | None, page: int
    ) -> Iterator[tuple[int, str, int]]:
        partition, after = self.partition(shard), None
        if position:
            after = {**partition, **self.sort(*position), **record_key(position[1])}
        items = Partition(table=table, key=partition, index=self.index)
        for item in items.latest(after=after, page=page):
            yield self.read(item), item["pk"]["S"].removeprefix("JOB#"), shard


_DUE = Walk(
    index="due",
    partition=lambda shard: {"due_shard": number(shard)},
    sort=lambda at, _: {"due_at": number(at)},
    read=lambda item: int(item["due_at"]["N"]),
)


def jobs(
    table: Table, state: State, job_type: str, now: datetime, *, limit: int, cursor: str | None
) -> Page:
    """As ``DynamoStore.list``. Raises ``WorkerlessError`` for a limit not between 1 and 200."""
    if not 1 <= limit <= MAX_LIMIT:
        raise WorkerlessError(f"limit must be between 1 and {MAX_LIMIT}, got {limit}")

    def is_meant(record: Record) -> bool:
        is_it = record.state is state and record.job_type == job_type
        return is_it and not has_expired(record, now)

    return find(table, is_meant, walk(state, job_type), limit=limit, cursor=cursor)


def find(
    table: Table, wanted: Callable[[Record], bool], walk: Walk, *, limit: int, cursor: str | None
) -> Page:
    """Up to ``limit`` jobs that are ``wanted``, and the cursor to go on with (None: no more)."""
    reached = read_cursor(cursor)
    found: list[Record] = []
    chunk = min(limit + 1, _CHUNK)  # one more than asked for tells whether there is more
    keys = walk.keys(table, reached, chunk)
    for _ in range(0, SCANNED, chunk):
        looked_at = list(islice(keys, chunk))
        items = table.read([record_key(job_id) for _, job_id, _ in looked_at])
        for (at, job_id, shard), item in zip(looked_at, items, strict=True):
            if len(found) == limit:
                return _page(found, reached)
            reached[shard] = (at, job_id)
            if item is not None and wanted(record := to_record(item)):
                found.append(record)
        if len(looked_at) < chunk:
            return _page(found, None)
    return _page(found, reached)


def walk(state: State, job_type: str) -> Walk:
    """The way through the index that holds jobs in this state."""
    if not state.is_resting:
        return _DUE
    return Walk(
        index="by_state",
        partition=lambda shard: {"state_key": state_key(job_type, state, shard)},
        sort=lambda at, job_id: {"state_at": state_at(at, job_id)},
        read=lambda item: read_state_at(item["state_at"]),
    )


def _page(found: list[Record], reached: Positions | None) -> Page:
    newest_first = sorted(
        found, key=lambda record: (record.updated_at, record.job_id), reverse=True
    )
    cursor = None if reached is None else write_cursor(reached)
    return Page(records=tuple(newest_first), cursor=cursor)


def write_cursor(reached: Positions) -> str:
    """Where the next page starts."""
    return base64.urlsafe_b64encode(json.dumps(reached).encode()).decode()


def read_cursor(cursor: str | None) -> Positions:
    """Raises ``CursorRefusedError``."""
    if cursor is None:
        return {}
    try:
        positions = json.loads(base64.urlsafe_b64decode(cursor))
        return {int(shard): (int(at), str(job_id)) for shard, (at, job_id) in positions.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise CursorRefusedError(
            f"cursor must be one that a listing returned, got {ascii(cursor)[:60]}"
        ) from error
