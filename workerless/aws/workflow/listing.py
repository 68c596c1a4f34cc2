"""Pages of containers by kind and state: eight shards of an index, merged last first."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from workerless.aws.item import Item, read_place, state_at
from workerless.aws.listing import MAX_LIMIT, read_cursor, write_cursor
from workerless.aws.query import Partition
from workerless.aws.table import Table
from workerless.aws.value import Value
from workerless.aws.workflow.item import container_id_of, listing_key, root_key
from workerless.due import SHARDS
from workerless.errors import WorkerlessError
from workerless.workflow.definition import Kind
from workerless.workflow_ports import Container, Containers

type Read = Callable[[Sequence[str]], list[Container | None]]


def containers(
    table: Table, read: Read, kind: Kind, state: str, *, limit: int, cursor: str | None
) -> Containers:
    """As ``ContainerStore.list``; those that have moved on since the index saw them are left out.

    Raises ``WorkerlessError`` for a limit not between 1 and 200.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise WorkerlessError(f"limit must be between 1 and {MAX_LIMIT}, got {limit}")
    reached = read_cursor(cursor)
    shards = (
        _places(table, listing_key(kind, state, shard), shard, reached.get(shard), page=limit + 1)
        for shard in range(SHARDS)
    )
    places = list(islice(heapq.merge(*shards, reverse=True), limit + 1))
    for at, container_id, shard in places[:limit]:
        reached[shard] = (at, container_id)
    found = read([container_id for _, container_id, _ in places[:limit]])
    return Containers(
        found=tuple(one for one in found if one and (one.kind, one.state) == (kind, state)),
        cursor=write_cursor(reached) if len(places) > limit else None,
    )


def _places(
    table: Table,
    partition: Value,
    shard: int,
    position: tuple[int, str] | None,
    *,
    page: int,
) -> Iterator[tuple[int, str, int]]:
    key = {"state_key": partition}
    after: Item | None = None
    if position:
        after = {**key, "state_at": state_at(*position), **root_key(position[1])}
    items = Partition(table=table, key=key, index="by_state")
    for item in items.latest(after=after, page=page):
        yield read_place(item["state_at"])[0], container_id_of(item), shard
