"""Circuit breakers: what was saved is what is found, in memory and in a table."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.contract.conftest import CLOUDS, Cloud, create_table
from workerless.aws.flow.breakers import DynamoBreakers
from workerless.aws.table import Table
from workerless.errors import RecordUnreadableError
from workerless.flow.breaker import NEW, Breaker
from workerless.flow_ports import BreakerStore
from workerless.frozen import replace
from workerless.testing.flow.breakers import InMemoryBreakers
from workerless.testing.memory import FakeClock

NOW = FakeClock().now()
FULL = Breaker(
    failures=3,
    calls=7,
    window_ends=NOW,
    open_until=NOW + timedelta(seconds=1),
    trips=2,
    probe="token",
    probe_until=NOW + timedelta(seconds=2),
    slow_since=NOW,
    slow_from=0.25,
    held_until=NOW + timedelta(microseconds=3),
)


@pytest.fixture(params=["memory", *CLOUDS])
def breakers(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> BreakerStore:
    if request.param == "memory":
        return InMemoryBreakers()
    client = clouds(request.param).dynamodb
    return DynamoBreakers(Table(client, create_table(client), clock), clock)


def test_breaker_is_closed_at_first(breakers: BreakerStore) -> None:
    assert breakers.read("bank") == NEW


def test_saved_breaker_is_read_back_whole(breakers: BreakerStore) -> None:
    assert breakers.save("bank", FULL)

    assert breakers.read("bank") == replace(FULL, version=1)
    assert breakers.read("mail") == NEW


def test_of_two_who_read_the_same_one_saves(breakers: BreakerStore) -> None:
    assert breakers.save("bank", FULL)

    assert not breakers.save("bank", replace(NEW, failures=1))
    assert breakers.save("bank", replace(breakers.read("bank"), probe="mine"))
    assert not breakers.save("bank", replace(FULL, version=1, probe="theirs"))
    assert breakers.read("bank").probe == "mine"


def test_own_save_whose_answer_was_lost_is_no_conflict(
    breakers: BreakerStore, clock: FakeClock
) -> None:
    breakers.save("bank", FULL)
    clock.advance(timedelta(seconds=5))

    assert breakers.save("bank", FULL)
    assert breakers.read("bank").version == 1


def test_what_is_no_breaker_is_not_read(clouds: Callable[[str], Cloud], clock: FakeClock) -> None:
    client = clouds("moto").dynamodb
    table = create_table(client)
    item = {"pk": {"S": "BREAKER#bank"}, "sk": {"S": "STATE"}, "told": {"S": "[]"}}
    client.put_item(TableName=table, Item={**item, "version": {"N": "1"}})

    with pytest.raises(RecordUnreadableError, match="BREAKER#bank"):
        DynamoBreakers(Table(client, table, clock), clock).read("bank")
