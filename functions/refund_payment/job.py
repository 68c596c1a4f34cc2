"""What the job type ``refund_payment`` is: the money of an order that is not to be."""

from functions.process_order.order import LEDGER_RIGHTS, RETRY, TIMEOUT, OrderId
from workerless import JobType, Payload


class RefundPayment(Payload):
    """Whatever was charged for the order, if it was."""

    order_id: OrderId


refund_payment = JobType(
    name="refund_payment",
    payload=RefundPayment,
    retry=RETRY,
    timeout=TIMEOUT,
    permissions=LEDGER_RIGHTS,
)
