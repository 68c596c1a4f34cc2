"""What the job type ``confirm_order`` is: an order that is ours to fulfil."""

from functions.process_order.order import (
    LEDGER_RIGHTS,
    RETRY,
    TIMEOUT,
    Cents,
    Customer,
    Goods,
    OrderId,
)
from workerless import JobType, Payload


class ConfirmOrder(Payload):
    """All that was reserved and charged for the order, as sold."""

    order_id: OrderId
    customer: Customer
    goods: Goods
    cents: Cents


confirm_order = JobType(
    name="confirm_order",
    payload=ConfirmOrder,
    retry=RETRY,
    timeout=TIMEOUT,
    permissions=LEDGER_RIGHTS,
)
