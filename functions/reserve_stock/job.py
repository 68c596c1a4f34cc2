"""What the job type ``reserve_stock`` is: goods of an order, kept for it."""

from functions.process_order.order import LEDGER_RIGHTS, RETRY, TIMEOUT, Goods, OrderId
from workerless import JobType, Payload


class ReserveStock(Payload):
    """How many of each of ``goods`` the order needs; once an order."""

    order_id: OrderId
    goods: Goods


reserve_stock = JobType(
    name="reserve_stock",
    payload=ReserveStock,
    retry=RETRY,
    timeout=TIMEOUT,
    permissions=LEDGER_RIGHTS,
)
