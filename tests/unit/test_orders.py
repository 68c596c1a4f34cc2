"""orders: what the orchestrator is told, as messages."""

import pytest

from workerless.errors import WorkerlessError
from workerless.orders import Order, read_order, write_order


@pytest.mark.parametrize(
    "order", [Order(container_id="a.1:b"), Order(container_id="a", lost=("1:pay", "1:x-undo"))]
)
def test_order_is_read_back(order: Order) -> None:
    assert read_order(write_order(order).body) == order


WRONG = [
    "",
    "[]",
    "7",
    "{}",
    '{"container": 7}',
    '{"container": "a/b"}',
    '{"container": ""}',
    '{"container": "a", "lost": 7}',
    '{"container": "a", "lost": ["x y"]}',
    "[" * 9_000,
]


@pytest.mark.parametrize("body", WRONG)
def test_anything_else_is_refused(body: str) -> None:
    with pytest.raises(WorkerlessError, match="this is no order"):
        read_order(body)
