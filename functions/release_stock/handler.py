"""The work of ``release_stock``: goods are free again."""

from functions.process_order.ledger import Ledger, undo
from functions.process_order.table import stage_ledger
from functions.release_stock.job import ReleaseStock, release_stock
from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(order: ReleaseStock, job: JobContext) -> None:
    """In the books of this stage; see ``release``."""
    release(order, by=job.job_id, ledger=stage_ledger())


def release(order: ReleaseStock, *, by: str, ledger: Ledger) -> None:
    """Nothing where nothing is reserved."""
    undo(ledger, f"stock:{order.order_id}", by=by)


handler = worker(release_stock)(perform)
