"""What batches and workflows need of the world: where their containers are kept.

A container is one item, its *root*. The marks of a workflow's steps are in it; those of a batch are
in *pages*, items of their own, so that thousands of members may end in a second. The root knows the
pages that are open, which are those with members that have not ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Protocol

from workerless.frozen import frozen
from workerless.membership import Membership
from workerless.workflow.definition import Kind
from workerless.workflow.mark import Mark


@frozen
class Container:
    """One batch or workflow. ``version`` is 0 until it is stored.

    ``state`` is what listings tell; while ``is_open`` something may follow, and a batch takes
    members unless it ``is_stopping``: called off. ``control`` is what who moves it on remembers, as
    JSON text. ``marks`` are those of a workflow, by slot. ``total`` members are in ``pages``, by
    the page's name and size; of these ``open_pages`` have some that have not ended, by the time
    since when. A batch that is still being filled does not end before ``held_until``.
    ``looked_to`` is the last of its open pages that the sweeper looked at. ``member_of`` is its own
    slot in another container, ``depth`` how many there are around it, and itself; ``job_depth`` is
    that of its jobs (``workerless.depth``). ``definition`` names the text that it was made with.
    """

    container_id: str
    name: str
    kind: Kind
    state: str
    control: str
    created_at: datetime
    updated_at: datetime
    is_open: bool = True
    is_stopping: bool = False
    definition: str | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict)
    total: int = 0
    pages: Mapping[str, int] = field(default_factory=dict)
    open_pages: Mapping[str, datetime] = field(default_factory=dict)
    held_until: datetime | None = None
    looked_to: str | None = None
    member_of: str | None = None
    depth: int = 1
    job_depth: int = 0
    tenant: str | None = None
    correlation_id: str | None = None
    traceparent: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    ended_at: datetime | None = None
    expires_at: datetime | None = None
    version: int = 0

    @property
    def is_done(self) -> bool:
        """Whether all members of a batch have ended, and none may come."""
        return not self.open_pages and self.held_until is None


@frozen
class Page:
    """Some slots of a batch, ``0`` to ``size - 1``. A void page has none, and never will."""

    page: str
    size: int
    opened_at: datetime
    marks: Mapping[str, Mark] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether all members have ended."""
        return sum(mark.has_ended for mark in self.marks.values()) == self.size

    @property
    def is_void(self) -> bool:
        return self.size == 0


@frozen
class Made:
    """What became of a new container: ``created``, or what was there already."""

    created: bool
    container: Container


@frozen
class Told:
    """A member's mark on its way to its slot."""

    membership: Membership
    mark: Mark

    @property
    def item(self) -> tuple[str, str]:
        """Where it is written: marks of one page are written together."""
        return self.membership.container_id, self.membership.page


@frozen
class Marked:
    """What became of a mark: whether it ``is_new``, and whether somebody shall look now.

    ``calls`` is told to who tells the same again, too: the word may have been lost.
    """

    is_new: bool
    calls: bool


@frozen
class DueContainer:
    """A container that the sweeper shall look at, and since when."""

    container_id: str
    at: datetime


@frozen
class Containers:
    """Some containers, the newest first, and where the next page starts (None: no more)."""

    found: tuple[Container, ...]
    cursor: str | None


class MarkStore(Protocol):
    """What a worker needs of containers. All raise ``StoreUnavailableError``."""

    def mark_many(self, told: Sequence[Told]) -> list[Marked]:
        """Write each mark unless its slot has it, or a later one; what became of each, in order.

        Something may follow in every workflow, and in a batch in which the first member of a page
        failed, or the last one of all ended. Once a page's last member has ended it is closed.
        Asking again is safe. What is not there is passed over.
        """
        ...


class ContainerStore(MarkStore, Protocol):
    """The containers of a stage. All raise ``StoreUnavailableError``."""

    def create(self, container: Container, definition: str | None = None) -> Made:
        """Store it with the text it is made with, unless its id is taken.

        The sweeper looks at it from then on. A repeated call finds what it made: ``created`` is
        True again where that is the same in every field, and nobody has touched it.
        """
        ...

    def read_many(self, container_ids: Sequence[str]) -> list[Container | None]:
        """In order; None where there is none or where it has expired. Consistent reads."""
        ...

    def definition(self, container: Container) -> str | None:
        """The text that it was made with."""
        ...

    def save(self, container: Container, marks: Mapping[str, Mark] | None = None) -> bool:
        """Keep its control, state and times, and add ``marks`` to a workflow; version one higher.

        False, and nothing is written, unless ``version`` is that of the stored one: somebody saved
        it since, or a batch got members or is waited for again. One's own write, repeated since its
        answer was lost, is no conflict.
        """
        ...

    def retire(self, container: Container, until: datetime) -> None:
        """Have all of a container that has ended go at that time; the sweeper forgets it."""
        ...

    def keep(self, container: Container, until: datetime) -> None:
        """Have all of a container that has ended stay until then; the sweeper looks at it soon."""
        ...

    def add_pages(
        self, container_id: str, pages: Sequence[Sequence[str]], *, at: datetime
    ) -> list[tuple[str, ...]]:
        """Make room for the members of each page, 1 to 250 ids in their order; their slots.

        A slot is told as ``str(Membership)``. Asking again with the same pages is safe, and
        gives the same. Raises ``ContainerNotFoundError``, ``BatchClosedError`` for one that has
        ended or is stopping, and ``BatchFullError``.
        """
        ...

    def let_go(self, container_id: str, *, at: datetime) -> bool:
        """Wait for no more members of a batch; True where it is done."""
        ...

    def read_pages(self, container_id: str, pages: Sequence[str]) -> list[Page | None]:
        """In order; None where none was written. Consistent reads."""
        ...

    def members(self, container_id: str, page: str) -> tuple[str, ...]:
        """The ids of a page's members, in the order of their slots; none of a page not written."""
        ...

    def close_page(self, container_id: str, page: str) -> Container | None:
        """Wait for no more ends in this page; the container then, None where there is none."""
        ...

    def void_page(self, container_id: str, page: str, *, at: datetime) -> None:
        """Give up a page that its maker did not write: it never can be, and its members are none.

        Nothing happens to one that is there.
        """
        ...

    def reopen(self, membership: Membership, *, at: datetime) -> None:
        """Wait again for a member that had ended; in a batch that has, too."""
        ...

    def wake(self, container_id: str, *, at: datetime) -> None:
        """Have the sweeper look at the container then at the latest, if it is there."""
        ...

    def due(self, shard: int, *, before: datetime, limit: int) -> Sequence[DueContainer]:
        """Containers of one shard to be looked at by then, the longest first. From an index."""
        ...

    def postpone(self, due: DueContainer, *, until: datetime, looked_to: str | None = None) -> bool:
        """Have it looked at ``until`` then next; False where that changed since it was found.

        ``looked_to`` is the last page that was looked at.
        """
        ...

    def list(
        self, kind: Kind, state: str, *, limit: int = 50, cursor: str | None = None
    ) -> Containers:
        """Those of one kind and state, the last changed first. From an index. Limit 1 to 200.

        Raises ``CursorRefusedError``.
        """
        ...
