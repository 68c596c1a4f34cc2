"""What who moves batches and workflows on works with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workerless.errors import ResultMissingError
from workerless.membership import Membership
from workerless.orchestration.definitions import Definitions, MadeWith
from workerless.orders import Order, Orders
from workerless.ports import Blobs, Clock, Directory, Queue, Store, Telemetry
from workerless.workflow.definition import Definition
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow_ports import Container, ContainerStore, Told

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Orchestra:
    """``has_time`` tells whether to go on; what is left then is another invocation's."""

    containers: ContainerStore
    store: Store
    blobs: Blobs
    queue: Queue
    directory: Directory
    orders: Orders
    clock: Clock
    telemetry: Telemetry
    has_time: Callable[[], bool]
    definitions: Definitions = field(default_factory=Definitions)

    def read(self, container_id: str) -> Container | None:
        (container,) = self.containers.read_many([container_id])
        return container

    def order(self, *container_ids: str) -> None:
        """Have these looked at. What gets lost the sweeper makes up for."""
        self.orders.send([Order(container_id=one) for one in container_ids], self.telemetry)

    def mark(self, told: Sequence[Told]) -> bool:
        """Write these marks of a container's members; whether any is new."""
        return any(one.is_new for one in self.containers.mark_many(told))

    def tell(self, event: str, container: Container, **fields: str | int | None) -> None:
        """A line for something that became of a batch or workflow."""
        self.telemetry.transition(
            {
                "event": event,
                "container_id": container.container_id,
                "name": container.name,
                "kind": container.kind.value,
                "tenant": container.tenant,
                **fields,
            }
        )

    def definition(self, container: Container) -> Definition:
        """That of a workflow, or of a group. Raises ``ResultMissingError`` where it is gone."""
        made = self.made_with(container)
        if not isinstance(made, Definition):
            raise ResultMissingError(
                f"{container.container_id!r} is a batch: its members have results, it has none"
            )
        return made

    def made_with(self, container: Container) -> MadeWith:
        """The same, or the callbacks of any other batch. Raises as ``definition`` does."""

        def text() -> str:
            told = self.containers.definition(container)
            if told is None:
                raise ResultMissingError(f"the definition of {container.container_id} is gone")
            return told

        return self.definitions.find(container.definition, text) if container.definition else {}


def never_ran(place: Membership, at: "datetime") -> Told:
    """That a member failed without ever being one."""
    return Told(membership=place, mark=Mark(generation=1, state=SlotState.FAILED, at=at))
