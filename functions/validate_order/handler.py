"""The work of ``validate_order``: it changes nothing."""

from functions.validate_order.job import PRICES, OrderValidated, ValidateOrder, validate_order
from workerless import Fail
from workerless.worker import worker


def validate(order: ValidateOrder) -> OrderValidated:
    """Raises ``Fail`` for goods that we do not sell."""
    unknown = sorted(order.goods.keys() - PRICES.keys())
    if unknown:
        raise Fail(f"goods must be of {', '.join(PRICES)}, got {', '.join(unknown)}")
    return OrderValidated(cents=sum(PRICES[sku] * count for sku, count in order.goods.items()))


handler = worker(validate_order)(validate)
