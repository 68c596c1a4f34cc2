"""An order's books on the local cloud: they balance, whatever became of the order."""

from datetime import timedelta

import pytest

from tests.e2e.crashes import Crashes
from tests.e2e.shop import (
    CENTS,
    GOOD,
    GOODS,
    KILLED,
    OPENING,
    POOR,
    REFUSED,
    ledger_of_stage,
    order,
    taken_of,
)
from workerless.client import Client

pytestmark = pytest.mark.local_cloud

MINUTES = timedelta(minutes=10)
NOTHING = {"taken": 0, "spent": 0}
ALL_OF_IT = {"taken": CENTS, "spent": CENTS}


def test_order_that_ends_well_is_in_the_books_once(client: Client) -> None:
    run = order(client, GOOD)

    assert run.wait(MINUTES).state == "completed"
    assert order(client, GOOD).is_duplicate
    assert taken_of(GOOD, ledger_of_stage()) == ALL_OF_IT


def test_order_whose_charge_is_refused_leaves_nothing(client: Client) -> None:
    status = order(client, POOR).wait(MINUTES)

    assert (status.state, status.not_compensated) == ("failed", ())
    (charge,) = [one for one in status.steps if one.name == "charge"]
    (error,) = client.job(charge.member_id).status().errors
    assert "must have" in error.message
    assert ledger_of_stage().entry(f"stock:{POOR}").by is None


@pytest.mark.last
def test_order_whose_process_was_killed_in_the_middle_of_its_charge_is_charged_once(
    crashes: Crashes, client: Client
) -> None:
    status = crashes.orders[KILLED].wait(MINUTES)

    assert status.state == "completed"
    assert client.job(f"order-{KILLED}.1:charge").status().attempt == 2
    assert taken_of(KILLED, ledger_of_stage()) == ALL_OF_IT


@pytest.mark.last
@pytest.mark.usefixtures("aws")
def test_money_that_a_killed_process_took_is_given_back_when_the_order_fails(
    crashes: Crashes,
) -> None:
    status = crashes.orders[REFUSED].wait(MINUTES)

    assert (status.state, status.not_compensated) == ("failed", ())
    assert taken_of(REFUSED, ledger_of_stage()) == NOTHING


@pytest.mark.last
def test_stock_that_left_is_stock_that_was_sold(crashes: Crashes, client: Client) -> None:
    runs = [*crashes.orders.values(), order(client, GOOD), order(client, POOR)]
    completed = [run.wait(MINUTES).state for run in runs].count("completed")

    ledger = ledger_of_stage()
    for sku, count in GOODS.items():
        left = OPENING[f"stock:{sku}"] - ledger.balance(f"stock:{sku}")
        assert (left, ledger.balance(f"sold:{sku}")) == (completed * count, completed * count)
