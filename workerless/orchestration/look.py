"""Looks at a batch or workflow until nothing more follows, for now.

Whoever dies between writing a decision and doing it leaves members that are marked as started and
are not there: an order that comes again looks for these, and so does the sweeper.
"""

from workerless.errors import StoreUnavailableError
from workerless.orchestration.batch import look_at_batch
from workerless.orchestration.run import find_lost, look_at_run
from workerless.orchestration.world import Orchestra
from workerless.orders import Order
from workerless.workflow.definition import Kind

_CONFLICTS = 20


def look(order: Order, world: Orchestra, *, is_repeated: bool = False) -> None:
    """Do what follows from how the container stands.

    Raises ``StoreUnavailableError``, and ``WorkerlessError`` for what could not be done: it is safe
    to ask again, and ``is_repeated`` then has what was not done looked for.
    """
    lost, conflicts = frozenset(order.lost), 0
    while conflicts < _CONFLICTS:
        container = world.read(order.container_id)
        if container is None:
            return
        if container.kind is Kind.BATCH:
            more = look_at_batch(container, world)
        else:
            if is_repeated:
                lost |= find_lost(container, world)
                is_repeated = False
            more = look_at_run(container, lost, world)
        if more is False:
            return
        if more is None:
            conflicts += 1
        else:
            lost = frozenset()
        if not world.has_time():
            world.orders.send(
                [Order(container_id=order.container_id, lost=tuple(sorted(lost)))], world.telemetry
            )
            return
    raise StoreUnavailableError(
        f"{order.container_id} changed {_CONFLICTS} times while it was looked at"
    )
