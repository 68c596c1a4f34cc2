"""The containers of a stage, weighed: how big each item got, and how often it was written."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from workerless.aws.value import instant, number, size, texts
from workerless.aws.workflow.containers import OPENED_AT_ONCE
from workerless.aws.workflow.item import (
    definition_parts,
    mark_values,
    members_key,
    open_name,
    page_key,
    size_name,
    to_root,
)
from workerless.membership import ROOT, Membership
from workerless.ports import Clock
from workerless.testing.workflow.containers import InMemoryContainers
from workerless.workflow.mark import Mark
from workerless.workflow_ports import Container, DueContainer, Made, Page
from workerless.workflow_writes import Written

_SECOND = timedelta(seconds=1)


class Scales(InMemoryContainers):
    """Each conditional write counts, whether or not its condition holds: DynamoDB bills it.

    ``bytes`` is how big an item was at most, ``a_second`` how often it was written within any
    second at most.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.bytes: defaultdict[str, int] = defaultdict(int)
        self.a_second: defaultdict[str, int] = defaultdict(int)
        self.writes: defaultdict[str, int] = defaultdict(int)
        self._last: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def create(self, container: Container, definition: str | None = None) -> Made:
        made = super().create(container, definition)
        self._write_root(container.container_id)
        for part in definition_parts(definition or ""):
            self._weigh(f"a definition of {container.container_id}", len(part.encode()))
        return made

    def save(self, container: Container, marks: Mapping[str, Mark] | None = None) -> bool:
        is_saved = super().save(container, marks)
        self._write_root(container.container_id)
        return is_saved

    def retire(self, container: Container, until: datetime) -> None:
        super().retire(container, until)
        self._write_root(container.container_id)

    def keep(self, container: Container, until: datetime) -> None:
        super().keep(container, until)
        self._write_root(container.container_id)

    def open_pages(self, container_id: str, pages: Mapping[str, int], *, at: datetime) -> None:
        super().open_pages(container_id, pages, at=at)
        for _ in range(0, len(pages), OPENED_AT_ONCE):
            self._write_root(container_id)

    def write_pages(
        self, container_id: str, pages: Mapping[str, Sequence[str]], *, at: datetime
    ) -> list[Page]:
        for page, members in pages.items():
            key, ids = members_key(container_id, page), texts(members)
            self._weigh(str(key), sum(size(*one) for one in {**key, "ids": ids}.items()))
        return super().write_pages(container_id, pages, at=at)

    def let_go(self, container_id: str, *, at: datetime) -> bool:
        is_done = super().let_go(container_id, at=at)
        self._write_root(container_id)
        return is_done

    def write_marks(
        self, container_id: str, page: str, marks: Mapping[str, Mark]
    ) -> Written | None:
        written = super().write_marks(container_id, page, marks)
        if page == ROOT:
            self._write_root(container_id)
        elif written is not None and written.page is not None:
            values = {**page_key(container_id, page), **mark_values(written.page.marks)}
            self._write(str(values["pk"]), sum(size(*one) for one in values.items()))
        return written

    def close_page(self, container_id: str, page: str) -> Container | None:
        found = super().close_page(container_id, page)
        self._write_root(container_id)
        return found

    def reopen(self, membership: Membership, *, at: datetime) -> None:
        super().reopen(membership, at=at)
        if membership.page != ROOT:
            self._write_root(membership.container_id)

    def wake(self, container_id: str, *, at: datetime) -> None:
        super().wake(container_id, at=at)
        self._write_root(container_id)

    def postpone(self, due: DueContainer, *, until: datetime, looked_to: str | None = None) -> bool:
        is_put_off = super().postpone(due, until=until, looked_to=looked_to)
        self._write_root(due.container_id)
        return is_put_off

    def _write_root(self, container_id: str) -> None:
        root = self._roots[container_id]
        item = to_root(root, root.created_at)
        item |= {size_name(page): number(count) for page, count in root.pages.items()}
        item |= {open_name(page): instant(at) for page, at in root.open_pages.items()}
        self._write(f"root of {container_id}", sum(size(*one) for one in item.items()))

    def _write(self, item: str, size_bytes: int) -> None:
        self._weigh(item, size_bytes)
        now, last = self._clock.now(), self._last[item]
        last.append(now)
        while now - last[0] >= _SECOND:
            last.popleft()
        self.writes[item] += 1
        self.a_second[item] = max(self.a_second[item], len(last))

    def _weigh(self, item: str, size_bytes: int) -> None:
        self.bytes[item] = max(self.bytes[item], size_bytes)
