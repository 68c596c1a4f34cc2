"""The containers of batches as one process reaches them: every single write may go wrong."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from tests.simulation.fault import CALL
from tests.simulation.ground import Ground
from tests.simulation.history import Saved
from tests.simulation.process import Process, Unreachable
from tests.simulation.remote import RemoteQueue
from workerless.due import SHARDS
from workerless.errors import StoreUnavailableError
from workerless.ports import Outgoing, SendFailure
from workerless.testing.workflow.containers import InMemoryContainers
from workerless.workflow.mark import Mark
from workerless.workflow_ports import Container, Made, Marked, Page, Told
from workerless.workflow_writes import add_pages, mark_each, void_page


class RemoteContainers:
    """What takes several writes is several calls, and may end between any two of them."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._containers = process.ground.containers

    def mark_many(self, told: Sequence[Told]) -> list[Marked]:
        return mark_each(told, self)

    def add_pages(
        self, container_id: str, pages: Sequence[Sequence[str]], *, at: datetime
    ) -> list[tuple[str, ...]]:
        return add_pages(container_id, pages, self, at=at)

    def void_page(self, container_id: str, page: str, *, at: datetime) -> None:
        void_page(container_id, page, self, at=at)

    def write_pages(
        self, container_id: str, pages: Mapping[str, Sequence[str]], *, at: datetime
    ) -> list[Page]:
        """Each is a write of its own."""
        write = self._call("write_pages", CALL)
        return [
            page
            for name, members in pages.items()
            for page in write(container_id, {name: members}, at=at)
        ]

    def create(self, container: Container, definition: str | None = None) -> Made:
        create = partial(self._containers.create, container, definition)
        return self._noted("create", container.container_id, create)

    def save(self, container: Container, marks: Mapping[str, Mark] | None = None) -> bool:
        save = partial(self._containers.save, container, marks)
        return self._noted("save", container.container_id, save)

    def _noted[T](self, name: str, ref: str, effect: Callable[[], T]) -> T:
        """What was decided about it can be read in the history."""
        ground, roots = self._process.ground, self._containers._roots  # noqa: SLF001

        def write() -> T:
            before = roots.get(ref)
            answer = effect()
            after = roots.get(ref)
            if after is not None and after is not before:
                ground.tell(Saved(by=self._process.name, before=before, after=after))
            return answer

        return self._reach(name, CALL, write)

    def due(self, *args: Any, **options: Any) -> Any:
        """Asked of every shard in turn: one in eight may fail, or no fault is left for others."""
        is_sure = self._process.ground.rng.randrange(SHARDS) > 0
        return self._call("due", () if is_sure else CALL)(*args, **options)

    def __getattr__(self, name: str) -> Any:
        return self._call(name, CALL)

    def _call(self, name: str, kinds: Any) -> Callable[..., Any]:
        method = getattr(self._containers, name)
        return lambda *args, **options: self._reach(name, kinds, partial(method, *args, **options))

    def _reach[T](self, name: str, kinds: Any, effect: Callable[[], T]) -> T:
        try:
            return self._process.call(f"container {name}", kinds, lambda _again: effect())
        except Unreachable as error:
            raise StoreUnavailableError(str(error)) from error


class DeafContainers:
    """What the store itself tells of ends outside workers: sometimes nobody hears it."""

    def __init__(self, ground: Ground, containers: InMemoryContainers) -> None:
        self._ground = ground
        self._containers = containers

    def mark_many(self, told: Sequence[Told]) -> list[Marked]:
        if told and self._ground.rng.random() < 0.3 and self._ground.faults.budget > 0:
            self._ground.faults.budget -= 1
            raise StoreUnavailableError("the record is written, the mark is not")
        return self._containers.mark_many(told)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._containers, name)


class RemoteOrders(RemoteQueue):
    """The queue of orders. What it accepts is delivered, soon."""

    def __init__(self, process: Process) -> None:
        super().__init__(process, sends_as="order")

    def send_many(self, address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
        ground = self._process.ground

        def send(_again: bool) -> list[SendFailure | None]:  # noqa: FBT001
            for message in messages:
                ground.on_order(message.body)
            return [None for _ in messages]

        try:
            return self._process.call("order", CALL, send)
        except Unreachable as error:
            return [SendFailure(code="NoAnswer", message=str(error)) for _ in messages]
