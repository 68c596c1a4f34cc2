"""The work of ``confirm_order``: goods are sold, money is spent."""

from functions.confirm_order.job import ConfirmOrder, confirm_order
from functions.process_order.ledger import Ledger, book
from functions.process_order.table import stage_ledger
from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(order: ConfirmOrder, job: JobContext) -> None:
    """In the books of this stage; see ``confirm``."""
    confirm(order, by=job.job_id, ledger=stage_ledger())


def confirm(order: ConfirmOrder, *, by: str, ledger: Ledger) -> None:
    """Once an order."""
    sold = {f"sold:{sku}": count for sku, count in order.goods.items()}
    spent = {f"spent:{order.customer}": order.cents}
    book(ledger, f"sale:{order.order_id}", sold | spent, by=by)


handler = worker(confirm_order)(perform)
