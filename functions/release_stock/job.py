"""What the job type ``release_stock`` is: goods that an order needs no longer."""

from functions.process_order.order import LEDGER_RIGHTS, RETRY, TIMEOUT, OrderId
from workerless import JobType, Payload


class ReleaseStock(Payload):
    """Whatever the order has reserved, if it has."""

    order_id: OrderId


release_stock = JobType(
    name="release_stock",
    payload=ReleaseStock,
    retry=RETRY,
    timeout=TIMEOUT,
    permissions=LEDGER_RIGHTS,
)
