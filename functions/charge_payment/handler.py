"""The work of ``charge_payment``: put your own provider here, with the order's id as its key."""

from functions.charge_payment.job import ChargePayment, charge_payment
from functions.process_order.ledger import Ledger, book
from functions.process_order.table import stage_ledger
from workerless.worker import worker


def perform(order: ChargePayment) -> None:
    """In the books of this stage; see ``charge``."""
    charge(order, ledger=stage_ledger())


def charge(order: ChargePayment, *, ledger: Ledger) -> None:
    """Raises ``Fail`` where the customer has not enough."""
    moves = {f"credit:{order.customer}": -order.cents}
    book(ledger, f"money:{order.order_id}", moves)


handler = worker(charge_payment)(perform)
