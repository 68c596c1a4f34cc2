"""process_order: whatever goes wrong, in the end all of an order is in the books, or nothing."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest

from functions.cancel_order.job import CancelOrder, cancel_order
from functions.process_order.ledger import LedgerBusyError
from functions.refund_payment.job import RefundPayment, refund_payment
from functions.release_stock.handler import release
from functions.release_stock.job import ReleaseStock, release_stock
from functions.reserve_stock.handler import reserve
from functions.reserve_stock.job import ReserveStock, reserve_stock
from tests.functions.ordering import (
    CREDIT,
    FAULTS,
    GOODS,
    STOCK,
    Fault,
    InMemoryLedger,
    Shop,
    books,
    sale,
)
from workerless.errors import WorkflowStateError

STEPS = ["validate_order", "reserve_stock", "charge_payment", "confirm_order"]
UNDOING = {
    "validate_order": [],
    "reserve_stock": ["release_stock"],
    "charge_payment": ["refund_payment", "release_stock"],
    "confirm_order": ["cancel_order", "refund_payment", "release_stock"],
}
LONG = timedelta(days=1)


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    with shop.stage:
        yield shop


def test_order_is_reserved_charged_and_confirmed(shop: Shop) -> None:
    status = shop.order().wait(LONG)

    assert status.state == "completed"
    assert shop.done == STEPS
    assert books(shop.ledger) == sale()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_step_that_fails_leaves_nothing(step: str, when: str, shop: Shop) -> None:
    shop.spoil(step, ("fails", when))

    status = shop.order().wait(LONG)

    assert status.state == "failed"
    assert status.not_compensated == ()
    assert [one for one in shop.done if one not in STEPS] == UNDOING[step]
    assert books(shop.ledger) == {}


@pytest.mark.parametrize("fault", [one for one in FAULTS if one[0] != "fails"])
@pytest.mark.parametrize("step", STEPS)
def test_step_that_is_done_again_is_done_once(step: str, fault: Fault, shop: Shop) -> None:
    shop.spoil(step, fault, fault)

    status = shop.order().wait(LONG)

    assert status.state == "completed"
    assert books(shop.ledger) == sale()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_step_killed_after_its_effect_that_fails_then_leaves_nothing(
    step: str, when: str, shop: Shop
) -> None:
    shop.spoil(step, ("dies", "after"), ("fails", when))

    status = shop.order().wait(LONG)

    assert status.state == "failed"
    assert books(shop.ledger) == {}


@pytest.mark.parametrize("fault", [one for one in FAULTS if one[0] != "fails"])
@pytest.mark.parametrize("undo", UNDOING["confirm_order"])
def test_compensation_that_is_done_again_gives_back_once(
    undo: str, fault: Fault, shop: Shop
) -> None:
    shop.spoil("confirm_order", ("fails", "after"))
    shop.spoil(undo, fault, fault)

    status = shop.order().wait(LONG)

    assert (status.state, status.not_compensated) == ("failed", ())
    assert books(shop.ledger) == {}


def test_kill_between_a_handlers_return_and_its_record_is_harmless(shop: Shop) -> None:
    for job_type in (reserve_stock, release_stock):
        shop.spoil("charge_payment", ("fails", "after"))
        shop.stage.crash_next(job_type)
        run = shop.order(order_id=job_type.name)

        assert run.wait(LONG).state == "failed"
        assert not shop.stage.is_doomed()
        assert books(shop.ledger) == {}


def test_compensation_of_what_was_never_done_moves_nothing(shop: Shop) -> None:
    shop.stage.run(release_stock, ReleaseStock(order_id="7"))
    shop.stage.run(refund_payment, RefundPayment(order_id="7"))
    shop.stage.run(cancel_order, CancelOrder(order_id="7"))

    assert shop.done == ["release_stock", "refund_payment", "cancel_order"]
    assert books(shop.ledger) == {}
    assert shop.order().wait(LONG).state == "completed"


@pytest.mark.parametrize("goods", [{"tea": STOCK["tea"] + 1}, {"cup": 1, "tea": 11}, {"pot": 1}])
def test_order_of_more_than_there_is_reserves_none_of_it(goods: dict[str, int], shop: Shop) -> None:
    status = shop.order(goods=goods).wait(LONG)

    assert (status.state, shop.done) == ("failed", ["validate_order", "release_stock"])
    assert books(shop.ledger) == {}


def test_customer_without_the_money_gets_nothing(shop: Shop) -> None:
    goods = {"cup": 2}

    status = shop.order(customer="bob", goods=goods).wait(LONG)

    assert status.state == "failed"
    assert books(shop.ledger) == {}


def test_goods_that_nobody_sells_fail_the_order_at_once(shop: Shop) -> None:
    assert shop.order(goods={"sand": 1}).wait(LONG).state == "failed"
    assert shop.done == []


def test_order_that_was_made_good_can_be_tried_again(shop: Shop) -> None:
    shop.spoil("confirm_order", ("fails", "after"))
    run = shop.order()
    run.wait(LONG)

    run.retry_all()

    assert run.wait(LONG).state == "completed"
    assert books(shop.ledger) == sale()


def test_order_that_is_cancelled_on_its_way_leaves_nothing(shop: Shop) -> None:
    shop.spoil("charge_payment", ("trips", "after"))
    run = shop.order()
    shop.stage.drain()
    assert books(shop.ledger)["taken:stock:tea"] == GOODS["tea"]

    run.cancel("the customer thought better of it")

    assert run.wait(LONG).state == "cancelled"
    assert books(shop.ledger) == {}


def test_same_order_comes_once_however_often_it_is_started(shop: Shop) -> None:
    for _ in range(3):
        shop.order().wait(LONG)

    assert books(shop.ledger) == sale()


def test_reservation_that_was_read_for_before_its_release_comes_too_late() -> None:
    ledger = InMemoryLedger()
    ledger.balances["stock:tea"] = 5
    ledger.meanwhile = lambda: release(ReleaseStock(order_id="7"), by="1-undo", ledger=ledger)

    with pytest.raises(LedgerBusyError):
        reserve(ReserveStock(order_id="7", goods={"tea": 2}), by="1", ledger=ledger)

    assert ledger.balance("stock:tea") == 5


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS[1:])
def test_step_that_is_redriven_after_it_was_made_good_takes_nothing(
    step: str, when: str, shop: Shop
) -> None:
    shop.spoil(step, ("fails", when))
    shop.order().wait(LONG)

    for _ in range(2):
        assert shop.redrive_what_failed() == [step]

        assert books(shop.ledger) == {}
        assert shop.stage.client.workflow("order-7").status().state == "failed"


def test_compensation_that_failed_for_good_is_told_and_gives_back_when_redriven(
    shop: Shop,
) -> None:
    shop.spoil("charge_payment", ("fails", "after"))
    shop.spoil("release_stock", ("fails", "before"))

    status = shop.order().wait(LONG)

    assert (status.state, status.not_compensated) == ("failed", ("reserve",))
    assert books(shop.ledger) == {f"taken:stock:{sku}": count for sku, count in GOODS.items()}
    assert sorted(shop.redrive_what_failed()) == ["charge_payment", "release_stock"]
    assert books(shop.ledger) == {}


def test_order_whose_compensation_failed_is_retried_once_that_was_redriven(shop: Shop) -> None:
    shop.spoil("charge_payment", ("fails", "after"))
    shop.spoil("release_stock", ("fails", "before"))
    run = shop.order()
    run.wait(LONG)

    with pytest.raises(WorkflowStateError, match=r"redrive order-7\.1:reserve-undo"):
        run.retry()
    shop.redrive_what_failed()
    run.retry()

    assert run.wait(LONG).state == "completed"
    assert books(shop.ledger) == sale()


def test_order_that_was_left_as_it_was_leaves_nothing_once_its_retry_fails(shop: Shop) -> None:
    shop.spoil("charge_payment", ("trips", "after"))
    run = shop.order()
    shop.stage.drain()
    run.cancel("leave it", compensate=False)
    run.wait(LONG)
    assert books(shop.ledger)["taken:credit:ada"] > 0

    run.retry()

    assert run.wait(LONG).state == "failed"
    assert books(shop.ledger) == {}


def test_steps_of_an_earlier_epoch_that_are_redriven_leave_a_later_one_alone(shop: Shop) -> None:
    shop.spoil("confirm_order", ("fails", "after"))
    run = shop.order()
    run.wait(LONG)
    run.retry_all()
    run.wait(LONG)

    assert shop.redrive_what_failed() == ["confirm_order"]

    assert books(shop.ledger) == sale()


@pytest.mark.parametrize("seed", range(15))
def test_books_balance_after_any_faults_of_many_orders(seed: int, shop: Shop) -> None:
    rng = Random(seed)
    undoing = UNDOING["confirm_order"]
    lasting = [one for one in FAULTS if one[0] != "fails"]
    for job_type in STEPS:
        shop.spoil(job_type, *(rng.choice([None, None, *FAULTS]) for _ in range(30)))
    for job_type in undoing:
        shop.spoil(job_type, *(rng.choice([None, *lasting]) for _ in range(10)))
    customers = rng.choices(sorted(CREDIT), k=8)
    wanted = [{sku: rng.randint(1, 3) for sku in sorted(STOCK)} for _ in customers]

    runs = [
        shop.order(str(number), customer, goods)
        for number, (customer, goods) in enumerate(zip(customers, wanted, strict=True))
    ]
    states = [run.wait(LONG).state for run in runs]

    expected: dict[str, int] = {}
    for state, customer, goods in zip(states, customers, wanted, strict=True):
        for account, amount in sale(customer=customer, goods=goods).items():
            expected[account] = expected.get(account, 0) + amount * (state == "completed")
    assert set(states) <= {"completed", "failed"}
    assert books(shop.ledger) == {account: amount for account, amount in expected.items() if amount}
