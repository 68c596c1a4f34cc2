"""The work of ``refund_payment``: the customer has it back."""

from functions.process_order.ledger import Ledger, undo
from functions.process_order.table import stage_ledger
from functions.refund_payment.job import RefundPayment, refund_payment
from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(order: RefundPayment, job: JobContext) -> None:
    """In the books of this stage; see ``refund``."""
    refund(order, by=job.job_id, ledger=stage_ledger())


def refund(order: RefundPayment, *, by: str, ledger: Ledger) -> None:
    """Nothing where nothing was charged."""
    undo(ledger, f"money:{order.order_id}", by=by)


handler = worker(refund_payment)(perform)
