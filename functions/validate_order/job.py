"""What the job type ``validate_order`` is: whether we sell that, and for how much."""

from functions.process_order.order import TIMEOUT, Cents, Goods, OrderId
from workerless import JobType, Payload, Result

# In cents, of one: put your own here.
PRICES = {"tea": 450, "cup": 1_200, "pot": 3_900}


class ValidateOrder(Payload):
    """An order as it came: how many of each of ``goods``."""

    order_id: OrderId
    goods: Goods


class OrderValidated(Result):
    """What all of it costs, as of now: later steps take no other price."""

    cents: Cents


validate_order = JobType(
    name="validate_order", payload=ValidateOrder, result=OrderValidated, timeout=TIMEOUT
)
