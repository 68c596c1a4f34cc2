"""Rate limiters: every make of them takes the same steps, and refuses the same."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.contract.conftest import CLOUDS, Cloud, create_table
from workerless.aws.flow.rates import DynamoRates
from workerless.aws.table import Table
from workerless.aws.value import read_expiry
from workerless.errors import StoreUnavailableError
from workerless.flow.pacing import Stand, Step, asking, microseconds, pace_of
from workerless.flow_ports import RateStore
from workerless.testing.flow.rates import InMemoryRates
from workerless.testing.memory import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PACE = pace_of(10, timedelta(seconds=1), burst=2)
FASTER = pace_of(50, timedelta(seconds=1), burst=2)
NOW = microseconds(FakeClock().now())


@pytest.fixture(params=["memory", *CLOUDS])
def rates(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> RateStore:
    if request.param == "memory":
        return InMemoryRates()
    client = clouds(request.param).dynamodb
    return DynamoRates(Table(client, create_table(client), clock))


def test_any_step_from_anywhere_is_taken_or_refused_as_the_rules_say(rates: RateStore) -> None:
    rules, dice = InMemoryRates(), Random(5)
    now = NOW

    for _ in range(200):
        now += dice.choice([0, 0, 1, 40_000, 500_000, 6_000_000])
        step = dice.choice(list(Step))
        name, pace = dice.choice(["one", "two"]), dice.choice([PACE, PACE, FASTER])
        strange = Stand(taken=1, line=2, interval=3)
        seen = (rules.stand(name) if dice.random() < 0.7 else None) or strange
        is_back = dice.random() < 0.5
        ask = asking(pace, dice.choice([1, 1, 2, 5]), now, is_back=is_back, seen=seen)

        assert rates.take(name, step, ask) == rules.take(name, step, ask)


def test_who_asks_first_finds_nobody(rates: RateStore) -> None:
    ask = asking(PACE, 1, NOW, is_back=False)

    refused = rates.take("one", Step.QUEUE, ask)
    begun = rates.take("one", Step.BEGIN, ask)

    assert (refused.is_done, refused.stand) == (False, None)
    assert begun.stand == Stand(
        taken=NOW + ask.cost, line=NOW + ask.cost, interval=PACE.interval_us
    )


def test_of_two_who_begin_at_once_one_learns_what_to_do_next(rates: RateStore) -> None:
    ask = asking(PACE, 1, NOW, is_back=False)
    first = rates.take("one", Step.BEGIN, ask)

    second = rates.take("one", Step.BEGIN, ask)

    assert second.is_done is False
    assert second.stand == first.stand
    assert rates.take("one", Step.FOLLOW, ask).is_done


def test_a_limiter_outlives_its_slots_by_a_day(
    dynamodb: "DynamoDBClient", table: str, clock: FakeClock
) -> None:
    pace = pace_of(1, timedelta(days=31), burst=1)
    ask = asking(pace, 1, NOW, is_back=False)

    after = DynamoRates(Table(dynamodb, table, clock)).take("slow", Step.BEGIN, ask)

    key = {"pk": {"S": "LIMIT#slow"}, "sk": {"S": "LIMIT"}}
    item = dynamodb.get_item(TableName=table, Key=key)["Item"]
    assert after.stand is not None
    assert read_expiry(item["expires_at"]) >= clock.now() + timedelta(days=32)
    assert after.stand.taken == NOW + ask.cost


def test_a_limiter_is_kept_while_what_started_is_in_a_window(
    dynamodb: "DynamoDBClient", table: str, clock: FakeClock
) -> None:
    pace = pace_of(100, timedelta(days=31), burst=50)
    rates = DynamoRates(Table(dynamodb, table, clock))

    for points in (80, 1):
        ask = asking(pace, points, NOW, is_back=False)
        assert any(rates.take("slow", step, ask).is_done for step in (Step.BEGIN, Step.QUEUE_FIRST))

    key = {"pk": {"S": "LIMIT#slow"}, "sk": {"S": "LIMIT"}}
    item = dynamodb.get_item(TableName=table, Key=key)["Item"]
    assert read_expiry(item["expires_at"]) >= clock.now() + timedelta(days=31)


def test_a_table_that_is_not_there_is_unavailable(
    dynamodb: "DynamoDBClient", clock: FakeClock
) -> None:
    rates = DynamoRates(Table(dynamodb, "nowhere", clock))

    with pytest.raises(StoreUnavailableError):
        rates.take("one", Step.BEGIN, asking(PACE, 1, NOW, is_back=False))
