"""The order itself: what follows what, and what makes it good.

Start it under its number, so that it is started once::

    client.start(process_order("7", customer="ada", goods={"tea": 2}), workflow_id="order-7")
"""

from collections.abc import Mapping

from functions.cancel_order.job import cancel_order
from functions.charge_payment.job import charge_payment
from functions.confirm_order.job import confirm_order
from functions.refund_payment.job import refund_payment
from functions.release_stock.job import release_stock
from functions.reserve_stock.job import reserve_stock
from functions.validate_order.job import validate_order
from workerless import Workflow, result_of, step


def process_order(order_id: str, *, customer: str, goods: Mapping[str, int]) -> Workflow:
    """Validate, reserve, charge, confirm; all of it, or in the end nothing.

    Compensations know the order by its id alone: what a failed step did, nobody was told.
    """
    wanted, cents = dict(goods), result_of("validate").cents
    return Workflow(
        "process_order",
        step("validate", validate_order.with_(order_id=order_id, goods=wanted)),
        step(
            "reserve",
            reserve_stock.with_(order_id=order_id, goods=wanted),
            after="validate",
            compensate=release_stock.with_(order_id=order_id),
        ),
        step(
            "charge",
            charge_payment.with_(order_id=order_id, customer=customer, cents=cents),
            after="reserve",
            compensate=refund_payment.with_(order_id=order_id),
        ),
        step(
            "confirm",
            confirm_order.with_(order_id=order_id, customer=customer, goods=wanted, cents=cents),
            after="charge",
            compensate=cancel_order.with_(order_id=order_id),
        ),
    )
