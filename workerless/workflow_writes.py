"""What takes several writes about a container.

Each may be repeated, and never comes before the one that it rests on: who dies in between leaves
what the next one, or the sweeper, goes on with.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from workerless.errors import BatchClosedError, StoreUnavailableError
from workerless.frozen import frozen
from workerless.workflow.mark import Mark, SlotState, write_mark
from workerless.workflow.page import page_id, slots
from workerless.workflow_ports import Container, Marked, Page, Told

_TROUBLED = frozenset({SlotState.FAILED, SlotState.CANCELLED, SlotState.COMPLETED_WITH_ERRORS})
# Each time somebody gave up a page while its maker was at it.
_TURNS = 10


@frozen
class Written:
    """The slots in which marks are ``new``; ``page`` as it is now, None of a workflow's own."""

    new: frozenset[str]
    page: Page | None


class PageStore(Protocol):
    """The single writes. All raise ``StoreUnavailableError``."""

    def write_marks(
        self, container_id: str, page: str, marks: Mapping[str, Mark]
    ) -> Written | None:
        """Each where its slot has none, or an earlier one; None where there is no such page."""
        ...

    def close_page(self, container_id: str, page: str) -> Container | None:
        """As ``ContainerStore.close_page``."""
        ...

    def open_pages(self, container_id: str, pages: Mapping[str, int], *, at: datetime) -> None:
        """Have the batch wait for pages of these sizes, but for those that it did before.

        Raises as ``add_pages``; what it has no room for it waits for in part at most.
        """
        ...

    def write_pages(
        self, container_id: str, pages: Mapping[str, Sequence[str]], *, at: datetime
    ) -> list[Page]:
        """Write pages of these members, none for a void one; what stands there then, in order."""
        ...

    def drop_page(self, container_id: str, page: str) -> None:
        """Wait for it no more, and count its members out."""
        ...


def mark_each(told: Sequence[Told], store: PageStore) -> list[Marked]:
    """As ``MarkStore.mark_many``: all marks of one page in one write."""
    of_item: dict[tuple[str, str], dict[str, Mark]] = {}
    for one in told:
        marks, slot = of_item.setdefault(one.item, {}), one.membership.slot
        if one.mark.is_after(marks.get(slot)):
            marks[slot] = one.mark
    answers = {item: _mark(*item, marks, store) for item, marks in of_item.items()}
    marked = []
    for one in told:
        slot, (new, calls) = one.membership.slot, answers[one.item]
        is_new = slot in new and of_item[one.item][slot] == one.mark
        marked.append(Marked(is_new=is_new, calls=calls))
    return marked


def add_pages(
    container_id: str, pages: Sequence[Sequence[str]], store: PageStore, *, at: datetime
) -> list[tuple[str, ...]]:
    """As ``ContainerStore.add_pages``: the root waits for a page before it is there.

    Where somebody gave a page up meanwhile, another one is made of the same members.
    """
    places: dict[tuple[str, ...], tuple[str, ...]] = {}
    for turn in range(_TURNS):
        wanted = {page_id(one, turn): one for one in pages if tuple(one) not in places}
        sizes = {page: len(members) for page, members in wanted.items()}
        store.open_pages(container_id, sizes, at=at)
        for page in store.write_pages(container_id, wanted, at=at):
            if not page.is_void:
                members = wanted[page.page]
                places[tuple(members)] = slots(container_id, page.page, len(members))
        if len(places) == len(pages):
            return [places[tuple(one)] for one in pages]
    raise StoreUnavailableError(
        f"batch {container_id} gave up {_TURNS} pages of these members, which took too long to "
        "write; add them again under other ids"
    )


def void_page(container_id: str, page: str, store: PageStore, *, at: datetime) -> None:
    """As ``ContainerStore.void_page``: first a void one is put in its place."""
    (written,) = store.write_pages(container_id, {page: ()}, at=at)
    if written.is_void:
        store.drop_page(container_id, page)


def check_open(batch: Container) -> None:
    """Raises ``BatchClosedError`` for one that takes no members any more."""
    if not batch.is_open:
        raise BatchClosedError(batch.container_id, batch.state)
    if batch.is_stopping:
        raise BatchClosedError(batch.container_id, "called off")


def is_saved(container: Container, marks: Mapping[str, Mark], found: Container) -> bool:
    """Whether ``found`` is what ``ContainerStore.save`` of these made, or of the very same.

    Who read the same version may have decided the same, and begun other members.
    """
    told = (found.version, found.state, found.control)
    return told == (container.version + 1, container.state, container.control) and all(
        stands is not None and (stands.has_ended or write_mark(stands) == write_mark(mark))
        for mark, stands in ((mark, found.marks.get(slot)) for slot, mark in marks.items())
    )


def _mark(
    container_id: str, page: str, marks: Mapping[str, Mark], store: PageStore
) -> tuple[frozenset[str], bool]:
    """In which slots they are new, and whether somebody shall look now."""
    written = store.write_marks(container_id, page, marks)
    if written is None or written.page is None:
        return (written.new, True) if written else (frozenset(), False)
    calls = _tells_of_trouble(written.page, marks)
    if written.page.is_done:
        batch = store.close_page(container_id, page)
        calls = batch is not None and (calls or batch.is_done)
    return written.new, calls


def _tells_of_trouble(page: Page, marks: Mapping[str, Mark]) -> bool:
    """Whether ``marks`` have the page's first members that ended in trouble.

    Of others its batch was told already.
    """
    troubled = {slot for slot, mark in page.marks.items() if mark.state in _TROUBLED}
    return bool(troubled) and troubled <= marks.keys()
