"""Orders: messages that have the orchestrator look at a batch or workflow."""

import json
from collections.abc import Sequence

from workerless.errors import WorkerlessError
from workerless.frozen import frozen
from workerless.membership import CONTAINER_ID, SLOT
from workerless.payload import strict_json
from workerless.ports import Outgoing, Queue, Telemetry


@frozen
class Order:
    """Look at this container. ``lost`` are slots of a workflow in which nothing was found."""

    container_id: str
    lost: tuple[str, ...] = ()


@frozen
class Orders:
    """The queue that the orchestrator reads, at ``address``."""

    queue: Queue
    address: str

    def send(self, orders: Sequence[Order], telemetry: Telemetry) -> None:
        """Have it look at each. What cannot be sent is told: the sweeper sends it again."""
        for container_id, code in self.try_to_send(orders).items():
            telemetry.trouble("order_failed", None, container_id=container_id, code=code)

    def try_to_send(self, orders: Sequence[Order]) -> dict[str, str]:
        """The same; why each that could not be sent was not, by container."""
        messages = [write_order(one) for one in orders]
        answers = self.queue.send_many(self.address, messages) if messages else []
        return {
            order.container_id: failure.code
            for order, failure in zip(orders, answers, strict=True)
            if failure is not None
        }


def write_order(order: Order) -> Outgoing:
    """As a message: a JSON object with ``container`` and, if there are any, ``lost``."""
    told = {"container": order.container_id, "lost": list(order.lost)}
    return Outgoing(body=json.dumps({name: value for name, value in told.items() if value}))


def read_order(body: str) -> Order:
    """Raises ``WorkerlessError``."""
    try:
        told = strict_json(body)
        container_id, lost = told["container"], told.get("lost", [])
        fits = CONTAINER_ID.fullmatch(container_id) and all(SLOT.fullmatch(one) for one in lost)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise WorkerlessError(f"this is no order: {type(error).__name__}: {error}") from error
    if not fits:
        raise WorkerlessError(f"this is no order: {ascii(told)[:100]}")
    return Order(container_id=container_id, lost=tuple(lost))
