"""The work of ``charge_payment``: put your own provider here, with the order's id as its key."""

from functions.charge_payment.job import ChargePayment, charge_payment
from functions.process_order.ledger import Ledger, book
from functions.process_order.table import stage_ledger
from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(order: ChargePayment, job: JobContext) -> None:
    """In the books of this stage; see ``charge``."""
    charge(order, by=job.job_id, ledger=stage_ledger())


def charge(order: ChargePayment, *, by: str, ledger: Ledger) -> None:
    """Raises ``Fail`` where the customer has not enough."""
    moves = {f"credit:{order.customer}": -order.cents}
    book(ledger, f"money:{order.order_id}", moves, by=by)


handler = worker(charge_payment)(perform)
