"""The containers of batches and workflows in the stage's table. Layout in ``item.py``."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched

from workerless import workflow_writes
from workerless.aws.item import Item
from workerless.aws.query import Between, Partition
from workerless.aws.table import Refused, Table
from workerless.aws.update import Update, keep_until, whole_seconds
from workerless.aws.value import instant, number, read_instant, text, texts
from workerless.aws.workflow import change
from workerless.aws.workflow.item import (
    container_id_of,
    definition_keys,
    definition_parts,
    definition_ref,
    due_shard,
    members_key,
    page_key,
    root_key,
    to_container,
    to_page,
    to_root,
)
from workerless.errors import (
    ContainerNotFoundError,
    StoreUnavailableError,
)
from workerless.frozen import replace
from workerless.membership import ROOT, Membership
from workerless.ports import Clock
from workerless.spread import Spread, in_turn
from workerless.workflow.definition import Kind
from workerless.workflow.mark import Mark
from workerless.workflow.page import is_full
from workerless.workflow_ports import Container, Containers, DueContainer, Made, Marked, Page, Told
from workerless.workflow_writes import Written, check_open

# A container is looked at first when most have long ended.
FIRST_LOOK = timedelta(minutes=1)
# DynamoDB takes conditions of 4 KB: 16 marks, under the longest names that there are.
_MARKED_AT_ONCE = 15
# And changes of 4 KB, in which a page takes a hundred bytes.
OPENED_AT_ONCE = 25


class DynamoContainers:
    """Those of one stage."""

    def __init__(self, table: Table, clock: Clock, spread: Spread = in_turn) -> None:
        self._table = table
        self._clock = clock
        self._spread = spread

    def create(self, container: Container, definition: str | None = None) -> Made:
        if definition is not None:
            container = replace(container, definition=definition_ref(definition))
            parts = definition_parts(definition)
            for key, part in zip(definition_keys(container), parts, strict=True):
                self._put_new({**key, "told": text(part)})
        new = to_root(replace(container, version=1), container.created_at + FIRST_LOOK)
        refused = self._put_new(new)
        old = refused.old if refused is not None else new
        if old is None:
            raise StoreUnavailableError(
                f"container {container.container_id} was refused and then not there"
            )
        return Made(created=old == new, container=to_container(old))

    def read_many(self, container_ids: Sequence[str]) -> list[Container | None]:
        items = self._table.read([root_key(one) for one in container_ids])
        return [self._living(item) for item in items]

    def definition(self, container: Container) -> str | None:
        parts = self._table.read(definition_keys(container))
        found = [part["told"]["S"] for part in parts if part is not None]
        return "".join(found) if parts and len(found) == len(parts) else None

    def save(self, container: Container, marks: Mapping[str, Mark] | None = None) -> bool:
        look_at = self._clock.now() + FIRST_LOOK
        update = change.save_container(container, marks or {}, look_at)
        answer = self._root(container.container_id, update)
        if not isinstance(answer, Refused):
            return True
        if answer.old is None:
            return False
        return workflow_writes.is_saved(container, marks or {}, to_container(answer.old))

    def retire(self, container: Container, until: datetime) -> None:
        self._keep_parts(container, until)
        self._root(container.container_id, change.retire_root(until))

    def keep(self, container: Container, until: datetime) -> None:
        self._keep_parts(container, until)
        look_at = self._clock.now() + FIRST_LOOK
        self._root(container.container_id, change.keep_root(container.container_id, until, look_at))

    def _keep_parts(self, container: Container, until: datetime) -> None:
        ref = container.container_id
        keys = definition_keys(container)
        for page in container.pages:
            keys += [page_key(ref, page), members_key(ref, page)]
        self._spread(lambda key: self._table.update(key, keep_until(until)), keys)

    def add_pages(
        self, container_id: str, pages: Sequence[Sequence[str]], *, at: datetime
    ) -> list[tuple[str, ...]]:
        return workflow_writes.add_pages(container_id, pages, self, at=at)

    def open_pages(self, container_id: str, pages: Mapping[str, int], *, at: datetime) -> None:
        for some in batched(pages.items(), OPENED_AT_ONCE, strict=False):
            self._open(container_id, dict(some), at)

    def _open(self, container_id: str, pages: Mapping[str, int], at: datetime) -> None:
        new = pages
        while new:
            answer = self._root(container_id, change.open_pages(new, at))
            if not isinstance(answer, Refused):
                return
            batch = self._living(answer.old)
            if batch is None:
                raise ContainerNotFoundError(container_id)
            left = {page: size for page, size in new.items() if page not in batch.pages}
            if len(left) == len(new):
                check_open(batch)
                raise is_full(container_id, members=batch.total, pages=len(batch.pages))
            new = left

    def write_pages(
        self, container_id: str, pages: Mapping[str, Sequence[str]], *, at: datetime
    ) -> list[Page]:
        return self._spread(
            lambda one: self._write_page(container_id, *one, at), list(pages.items())
        )

    def _write_page(
        self, container_id: str, page: str, members: Sequence[str], at: datetime
    ) -> Page:
        key, size = page_key(container_id, page), number(len(members))
        if members:  # first: a page that is there has members
            self._table.put({**members_key(container_id, page), "ids": texts(members)})
        item = {**key, "size": size, "opened_at": instant(at)}
        refused = self._put_new(item)
        return to_page(item if refused is None or refused.old is None else refused.old)

    def drop_page(self, container_id: str, page: str) -> None:
        self._root(container_id, change.drop_page(page))

    def let_go(self, container_id: str, *, at: datetime) -> bool:
        del at
        answer = self._root(container_id, change.let_go())
        item = answer.old if isinstance(answer, Refused) else answer
        return item is not None and to_container(item).is_done

    def read_pages(self, container_id: str, pages: Sequence[str]) -> list[Page | None]:
        items = self._table.read([page_key(container_id, page) for page in pages])
        return [to_page(item) if item is not None else None for item in items]

    def members(self, container_id: str, page: str) -> tuple[str, ...]:
        (item,) = self._table.read([members_key(container_id, page)])
        return tuple(one["S"] for one in item["ids"]["L"]) if item is not None else ()

    def mark_many(self, told: Sequence[Told]) -> list[Marked]:
        return workflow_writes.mark_each(told, self)

    def write_marks(
        self, container_id: str, page: str, marks: Mapping[str, Mark]
    ) -> Written | None:
        item, new = self._written(page_key(container_id, page), marks)
        if item is None:
            return None
        return Written(new=new, page=None if page == ROOT else to_page(item))

    def close_page(self, container_id: str, page: str) -> Container | None:
        answer = self._root(container_id, change.close_page(page))
        item = answer.old if isinstance(answer, Refused) else answer
        return self._living(item)

    def void_page(self, container_id: str, page: str, *, at: datetime) -> None:
        workflow_writes.void_page(container_id, page, self, at=at)

    def reopen(self, membership: Membership, *, at: datetime) -> None:
        if membership.page != ROOT:
            self._root(membership.container_id, change.reopen_page(membership.page, at))

    def wake(self, container_id: str, *, at: datetime) -> None:
        self._root(container_id, change.wake(container_id, at))

    def due(self, shard: int, *, before: datetime, limit: int) -> Sequence[DueContainer]:
        between = Between(name="due_at", first=number(0), last=instant(before))
        key = {"due_shard": due_shard(shard)}
        items = Partition(table=self._table, key=key, index="due", between=between)
        return [
            DueContainer(container_id=container_id_of(item), at=read_instant(item["due_at"]))
            for item in items.earliest(limit)
        ]

    def postpone(self, due: DueContainer, *, until: datetime, looked_to: str | None = None) -> bool:
        answer = self._root(due.container_id, change.postpone(due, until, looked_to))
        item = answer.old if isinstance(answer, Refused) else answer
        return item is not None and item.get("due_at") == instant(until)

    def list(
        self, kind: Kind, state: str, *, limit: int = 50, cursor: str | None = None
    ) -> Containers:
        from workerless.aws.workflow.listing import containers  # noqa: PLC0415 -- no worker asks

        return containers(self._table, self.read_many, kind, state, limit=limit, cursor=cursor)

    def _written(self, key: Item, marks: Mapping[str, Mark]) -> tuple[Item | None, frozenset[str]]:
        """The item with these marks, or later ones, and the slots in which they are new."""
        if len(marks) > _MARKED_AT_ONCE:
            parts = batched(marks.items(), _MARKED_AT_ONCE, strict=False)
            each = [self._written(key, dict(part)) for part in parts]
            return each[-1][0], frozenset().union(*(new for _, new in each))
        answer = self._table.update(key, change.write_marks(marks))
        if not isinstance(answer, Refused):
            return answer, frozenset(marks)
        if answer.old is None or len(marks) == 1:
            return answer.old, frozenset()
        # One that is there already refuses its neighbours.
        alone = [self._written(key, {slot: mark}) for slot, mark in marks.items()]
        return alone[-1][0], frozenset().union(*(new for _, new in alone))

    def _put_new(self, item: Item) -> Refused | None:
        """In the place of nothing, or of what is past its time: deleted up to two days later."""
        return self._table.put(
            item,
            condition="attribute_not_exists(pk) OR expires_at <= :now",
            values={":now": whole_seconds(self._clock.now())},
        )

    def _root(self, container_id: str, update: Update) -> Item | Refused:
        return self._table.update(root_key(container_id), update)

    def _living(self, item: Item | None) -> Container | None:
        container = to_container(item) if item is not None else None
        if container is None or container.expires_at is None:
            return container
        return container if container.expires_at > self._clock.now() else None
