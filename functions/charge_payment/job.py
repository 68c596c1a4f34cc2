"""What the job type ``charge_payment`` is: the money for an order."""

from functions.process_order.order import LEDGER_RIGHTS, RETRY, TIMEOUT, Cents, Customer, OrderId
from workerless import JobType, Payload


class ChargePayment(Payload):
    """What the ``customer`` pays for the order; once an order."""

    order_id: OrderId
    customer: Customer
    cents: Cents


charge_payment = JobType(
    name="charge_payment",
    payload=ChargePayment,
    retry=RETRY,
    timeout=TIMEOUT,
    permissions=LEDGER_RIGHTS,
)
