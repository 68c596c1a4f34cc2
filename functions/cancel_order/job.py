"""What the job type ``cancel_order`` is: the confirmation of an order, taken back."""

from functions.process_order.order import LEDGER_RIGHTS, RETRY, TIMEOUT, OrderId
from workerless import JobType, Payload


class CancelOrder(Payload):
    """The order's confirmation, if it has one."""

    order_id: OrderId


cancel_order = JobType(
    name="cancel_order",
    payload=CancelOrder,
    retry=RETRY,
    timeout=TIMEOUT,
    permissions=LEDGER_RIGHTS,
)
