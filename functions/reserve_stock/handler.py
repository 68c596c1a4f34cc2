"""The work of ``reserve_stock``: goods leave what is free."""

from functions.process_order.ledger import Ledger, book
from functions.process_order.table import stage_ledger
from functions.reserve_stock.job import ReserveStock, reserve_stock
from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(order: ReserveStock, job: JobContext) -> None:
    """In the books of this stage; see ``reserve``."""
    reserve(order, by=job.job_id, ledger=stage_ledger())


def reserve(order: ReserveStock, *, by: str, ledger: Ledger) -> None:
    """Raises ``Fail`` where there is not enough of something: nothing is kept then."""
    moves = {f"stock:{sku}": -count for sku, count in order.goods.items()}
    book(ledger, f"stock:{order.order_id}", moves, by=by)


handler = worker(reserve_stock)(perform)
