"""The work of ``cancel_order``: nothing of it is sold any more."""

from functions.cancel_order.job import CancelOrder, cancel_order
from functions.process_order.ledger import Ledger, undo
from functions.process_order.table import stage_ledger
from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(order: CancelOrder, job: JobContext) -> None:
    """In the books of this stage; see ``cancel``."""
    cancel(order, by=job.job_id, ledger=stage_ledger())


def cancel(order: CancelOrder, *, by: str, ledger: Ledger) -> None:
    """Nothing where nothing was confirmed."""
    undo(ledger, f"sale:{order.order_id}", by=by)


handler = worker(cancel_order)(perform)
