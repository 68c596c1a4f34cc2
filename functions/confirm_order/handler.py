"""The work of ``confirm_order``: goods are sold, money is spent."""

from functions.confirm_order.job import ConfirmOrder, confirm_order
from functions.process_order.ledger import Ledger, book
from functions.process_order.table import stage_ledger
from workerless.worker import worker


def perform(order: ConfirmOrder) -> None:
    """In the books of this stage; see ``confirm``."""
    confirm(order, ledger=stage_ledger())


def confirm(order: ConfirmOrder, *, ledger: Ledger) -> None:
    """Once an order."""
    sold = {f"sold:{sku}": count for sku, count in order.goods.items()}
    spent = {f"spent:{order.customer}": order.cents}
    book(ledger, f"sale:{order.order_id}", sold | spent)


handler = worker(confirm_order)(perform)
