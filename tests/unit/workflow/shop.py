"""Job types of a shop, for tests of workflows."""

from typing import Any

from workerless import JobType, Payload, Result


class Order(Payload):
    """An order to be looked at."""

    order_id: str
    amount: int = 1


class Reserve(Payload):
    """Things to be kept for an order."""

    order_id: str
    amount: int


class Reserved(Result):
    """What is kept."""

    reservation_id: str
    amount: int
    lines: tuple[dict[str, int], ...] = ()


class Charge(Payload):
    """Money to be taken."""

    reservation_id: str
    amount: int
    note: str = "thanks"


class Charged(Result):
    """Money that was taken."""

    charge_id: int
    order_id: str


class Release(Payload):
    """Things that are no longer kept for an order."""

    order_id: str
    reservation_id: str | None = None


class Total(Payload):
    """Figures to be added up."""

    counts: list[int]
    names: tuple[str, ...] = ()


order = JobType(name="shop.order", payload=Order, result=Reserved)
reserve = JobType(name="reserve", payload=Reserve, result=Reserved, search_keys=("order_id",))
charge = JobType(name="charge", payload=Charge, result=Charged)
release = JobType(name="release", payload=Release)
total = JobType(name="total", payload=Total)


def data(part: Any) -> Any:
    """The payload of a task."""
    return part.data


def places(part: Any) -> dict[str, tuple[str | None, int, tuple[str | int, ...]]]:
    """Where each field comes from: step, containers up, path."""
    return {
        ".".join(str(key) for key in one.to): (one.step, one.up, one.path) for one in part.inputs
    }
