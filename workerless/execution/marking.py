"""A member's end, told to its batch or workflow by the worker that wrote it.

The record is written first, the slot is marked next, and the message is acknowledged last: who dies
in between finds the end at the next delivery, and marks again. Marks of one page are written
together.
"""

from collections.abc import Sequence

from workerless.execution.each import each
from workerless.execution.runtime import Runtime
from workerless.frozen import frozen
from workerless.orders import Order, Orders
from workerless.record import Record
from workerless.workflow_ends import told_of
from workerless.workflow_ports import MarkStore


@frozen
class Marking:
    """What a worker needs to tell containers."""

    containers: MarkStore
    orders: Orders


def mark_ends(ended: Sequence[Record | None], runtime: Runtime) -> list[bool]:
    """Whether the container of each member knows that it has ended; True of those that are none.

    Where something may follow, an order is sent; one that gets lost is made up for by the sweeper.
    """
    marking = runtime.ports.marking() if runtime.ports.marking else None
    if marking is None:
        return [True] * len(ended)
    told = [told_of(record) for record in ended]
    members = [one for one in told if one is not None]
    answers = each(
        marking.containers.mark_many,
        members,
        runtime.ports.telemetry,
        has_time=runtime.has_time_to_write,
    )
    calling = {
        one.membership.container_id
        for one, marked in zip(members, answers, strict=True)
        if marked is not None and marked.calls
    }
    orders = [Order(container_id=one) for one in sorted(calling)]
    marking.orders.send(orders, runtime.ports.telemetry)
    found = iter(answers)
    return [one is None or next(found) is not None for one in told]
