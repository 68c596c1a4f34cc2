"""Containers of batches and workflows as dictionaries."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from workerless import workflow_writes
from workerless.due import shard_of
from workerless.errors import (
    ContainerNotFoundError,
    CursorRefusedError,
)
from workerless.frozen import replace
from workerless.membership import ROOT, Membership
from workerless.ports import Clock
from workerless.workflow.definition import Kind
from workerless.workflow.mark import Mark
from workerless.workflow.page import MAX_MEMBERS, MAX_PAGES, is_full
from workerless.workflow_ports import Container, Containers, DueContainer, Made, Marked, Page, Told
from workerless.workflow_writes import Written

_FIRST_LOOK = timedelta(minutes=1)


class InMemoryContainers:
    """Those of one stage. One lock for all, where a table has one for each item."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = RLock()
        self._roots: dict[str, Container] = {}
        self._definitions: dict[str, str] = {}
        self._pages: dict[tuple[str, str], Page] = {}
        self._members: dict[tuple[str, str], tuple[str, ...]] = {}
        self._due: dict[str, datetime] = {}

    def create(self, container: Container, definition: str | None = None) -> Made:
        with self._lock:
            ref = container.container_id
            if self._living(ref) is None:
                self._forget(ref)
            named = ref if definition is not None else None
            new = replace(container, version=1, definition=named)
            old = self._roots.setdefault(ref, new)
            if old is new:
                self._due[ref] = container.created_at + _FIRST_LOOK
                if definition is not None:
                    self._definitions[ref] = definition
            is_same = old == new and self._definitions.get(ref) == definition
            return Made(created=is_same, container=old)

    def read_many(self, container_ids: Sequence[str]) -> list[Container | None]:
        with self._lock:
            return [self._living(one) for one in container_ids]

    def definition(self, container: Container) -> str | None:
        with self._lock:
            return self._definitions.get(container.container_id)

    def save(self, container: Container, marks: Mapping[str, Mark] | None = None) -> bool:
        with self._lock:
            old = self._roots.get(container.container_id)
            if old is None:
                return False
            if old.version != container.version:
                return workflow_writes.is_saved(container, marks or {}, old)
            self._roots[container.container_id] = replace(
                old,
                version=old.version + 1,
                marks={**old.marks, **(marks or {})},
                control=container.control,
                state=container.state,
                is_open=container.is_open,
                is_stopping=container.is_stopping,
                updated_at=container.updated_at,
                ended_at=container.ended_at,
                expires_at=container.expires_at,
            )
            if container.is_open:
                look_at = self._clock.now() + _FIRST_LOOK
                self._due.setdefault(container.container_id, look_at)
            return True

    def retire(self, container: Container, until: datetime) -> None:
        with self._lock:
            old = self._roots.get(container.container_id)
            if old is not None and not old.is_open:
                self._roots[container.container_id] = replace(old, expires_at=until)
                self._due.pop(container.container_id, None)

    def keep(self, container: Container, until: datetime) -> None:
        with self._lock:
            ref = container.container_id
            old = self._roots.get(ref)
            if old is not None and not old.is_open:
                self._roots[ref] = replace(old, expires_at=until)
                self._due.setdefault(ref, self._clock.now() + _FIRST_LOOK)

    def add_pages(
        self, container_id: str, pages: Sequence[Sequence[str]], *, at: datetime
    ) -> list[tuple[str, ...]]:
        return workflow_writes.add_pages(container_id, pages, self, at=at)

    def open_pages(self, container_id: str, pages: Mapping[str, int], *, at: datetime) -> None:
        with self._lock:
            batch = self._living(container_id)
            if batch is None:
                raise ContainerNotFoundError(container_id)
            new = {page: size for page, size in pages.items() if page not in batch.pages}
            if not new:
                return
            workflow_writes.check_open(batch)
            total = batch.total + sum(new.values())
            if total > MAX_MEMBERS or len(batch.pages) + len(new) > MAX_PAGES:
                raise is_full(container_id, members=batch.total, pages=len(batch.pages))
            self._change(
                batch,
                total=total,
                pages={**batch.pages, **new},
                open_pages={**batch.open_pages, **dict.fromkeys(new, at)},
            )

    def write_pages(
        self, container_id: str, pages: Mapping[str, Sequence[str]], *, at: datetime
    ) -> list[Page]:
        written = []
        with self._lock:
            for page, members in pages.items():
                place, new = (container_id, page), Page(page=page, size=len(members), opened_at=at)
                self._members.setdefault(place, tuple(members))
                written.append(self._pages.setdefault(place, new))
        return written

    def drop_page(self, container_id: str, page: str) -> None:
        with self._lock:
            batch = self._roots.get(container_id)
            if batch is not None and page in batch.open_pages:
                self._change(
                    batch,
                    total=batch.total - batch.pages[page],
                    pages={**batch.pages, page: 0},
                    open_pages={one: at for one, at in batch.open_pages.items() if one != page},
                )

    def let_go(self, container_id: str, *, at: datetime) -> bool:
        del at
        with self._lock:
            batch = self._roots.get(container_id)
            if batch is None:
                return False
            if batch.held_until is not None:
                batch = self._change(batch, held_until=None)
            return batch.is_done

    def read_pages(self, container_id: str, pages: Sequence[str]) -> list[Page | None]:
        with self._lock:
            return [self._pages.get((container_id, page)) for page in pages]

    def members(self, container_id: str, page: str) -> tuple[str, ...]:
        with self._lock:
            return self._members.get((container_id, page), ())

    def mark_many(self, told: Sequence[Told]) -> list[Marked]:
        return workflow_writes.mark_each(told, self)

    def write_marks(
        self, container_id: str, page: str, marks: Mapping[str, Mark]
    ) -> Written | None:
        with self._lock:
            if page == ROOT:
                return self._mark_root(container_id, marks)
            stands = self._pages.get((container_id, page))
            if stands is None:
                return None
            new = _later(marks, stands.marks)
            after = replace(stands, marks={**stands.marks, **new})
            self._pages[container_id, page] = after
            return Written(new=frozenset(new), page=after)

    def _mark_root(self, container_id: str, marks: Mapping[str, Mark]) -> Written | None:
        container = self._roots.get(container_id)
        if container is None:
            return None
        new = _later(marks, container.marks)
        self._roots[container_id] = replace(container, marks={**container.marks, **new})
        return Written(new=frozenset(new), page=None)

    def close_page(self, container_id: str, page: str) -> Container | None:
        with self._lock:
            batch = self._roots.get(container_id)
            if batch is not None and page in batch.open_pages:
                left = {name: at for name, at in batch.open_pages.items() if name != page}
                self._roots[container_id] = replace(batch, open_pages=left)
            return self._living(container_id)

    def void_page(self, container_id: str, page: str, *, at: datetime) -> None:
        workflow_writes.void_page(container_id, page, self, at=at)

    def reopen(self, membership: Membership, *, at: datetime) -> None:
        with self._lock:
            page, batch = membership.page, self._roots.get(membership.container_id)
            if batch is not None and page in batch.pages and page not in batch.open_pages:
                self._change(batch, open_pages={**batch.open_pages, page: at})

    def wake(self, container_id: str, *, at: datetime) -> None:
        with self._lock:
            if self._living(container_id) is not None:
                self._due[container_id] = min(self._due.get(container_id, at), at)

    def due(self, shard: int, *, before: datetime, limit: int) -> Sequence[DueContainer]:
        with self._lock:
            found = [
                DueContainer(container_id=one, at=at)
                for one, at in self._due.items()
                if at <= before and shard_of(one) == shard and self._living(one)
            ]
            return sorted(found, key=lambda one: (one.at, one.container_id))[:limit]

    def postpone(self, due: DueContainer, *, until: datetime, looked_to: str | None = None) -> bool:
        with self._lock:
            ref = due.container_id
            if self._due.get(ref) == due.at:
                self._due[ref] = until
                self._roots[ref] = replace(self._roots[ref], looked_to=looked_to)
            return self._due.get(due.container_id) == until

    def list(
        self, kind: Kind, state: str, *, limit: int = 50, cursor: str | None = None
    ) -> Containers:
        """Its cursor is a number."""
        if cursor is not None and not cursor.isdecimal():
            raise CursorRefusedError(f"cursor must be one of a page, got {ascii(cursor)[:60]}")
        with self._lock:
            living = [self._living(one) for one in self._roots]
        meant = [one for one in living if one and (one.kind, one.state) == (kind, state)]
        meant.sort(key=lambda one: (one.updated_at, one.container_id), reverse=True)
        first = int(cursor or 0)
        after = first + limit
        more = str(after) if after < len(meant) else None
        return Containers(found=tuple(meant[first:after]), cursor=more)

    def _change(self, container: Container, **changes: Any) -> Container:
        after = replace(container, **changes, version=container.version + 1)
        self._roots[container.container_id] = after
        return after

    def _forget(self, container_id: str) -> None:
        self._roots.pop(container_id, None)
        self._definitions.pop(container_id, None)
        for place in [one for one in self._pages if one[0] == container_id]:
            del self._pages[place], self._members[place]

    def _living(self, container_id: str) -> Container | None:
        container = self._roots.get(container_id)
        if container is None or container.expires_at is None:
            return container
        return container if container.expires_at > self._clock.now() else None


def _later(marks: Mapping[str, Mark], known: Mapping[str, Mark]) -> dict[str, Mark]:
    return {slot: mark for slot, mark in marks.items() if mark.is_after(known.get(slot))}
