"""Permits of a key and its line: the same rules in memory and in a table."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.contract.conftest import CLOUDS, Cloud, create_table
from workerless.aws.flow.permits import DynamoPermits
from workerless.aws.table import Table
from workerless.flow.concurrency import MAX_LIMIT
from workerless.flow.permits import MOST_AT_ONCE, Holder, Permits, Waiter, handed_over, taken
from workerless.flow_ports import PermitStore
from workerless.frozen import replace
from workerless.testing.flow.permits import InMemoryPermits
from workerless.testing.memory import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = FakeClock().now()
MINUTE = timedelta(minutes=1)


def holder(job: str, by: str = "t") -> Holder:
    return Holder(job_id=job, token=by, until=NOW + MINUTE)


def waiter(job: str, *, minute: int = 0) -> Waiter:
    since = NOW + minute * MINUTE
    return Waiter(job_id=job, job_type="visit", queue="q", since=since, asked_at=since)


def ids(permits: Permits) -> set[str]:
    return {one.job_id for one in permits.holders}


@pytest.fixture(params=["memory", *CLOUDS])
def permits(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> PermitStore:
    if request.param == "memory":
        return InMemoryPermits()
    client = clouds(request.param).dynamodb
    return DynamoPermits(Table(client, create_table(client), clock))


def test_permits_are_given_up_to_the_limit(permits: PermitStore) -> None:
    answers = [permits.take("key", holder(job), 2) for job in ("a", "b", "c")]
    other = permits.take("other", holder("c"), 2)

    assert [one.is_done for one in answers] == [True, True, False]
    assert ids(answers[2].permits) == {"a", "b"}
    assert other.permits == Permits(holders=(holder("c"),), version=1)


def test_where_nothing_may_run_no_permit_is_given(permits: PermitStore) -> None:
    assert not permits.take("key", holder("a"), 0).is_done
    assert permits.take("key", holder("a"), 1).is_done
    assert not permits.take("key", holder("b"), 0).is_done


def test_a_job_has_one_permit_and_the_answer_shows_it(permits: PermitStore) -> None:
    permits.take("key", holder("a b#c"), 2)

    again = permits.take("key", holder("a b#c", "u"), 2)

    assert not again.is_done
    assert again.permits.is_held("a b#c", "t")
    assert again.permits.of("a b#c") == holder("a b#c")


def test_a_permit_is_given_back_once_and_only_by_its_holder(permits: PermitStore) -> None:
    permits.take("key", holder("a"), 2)
    permits.take("key", holder("b"), 2)

    assert not permits.release("key", holder("a", "u")).is_done
    assert permits.release("key", holder("a")).is_done
    assert not permits.release("key", holder("a")).is_done
    assert ids(permits.take("key", holder("c"), 2).permits) == {"b", "c"}


def test_a_line_is_noted_only_where_there_is_no_permit_left(permits: PermitStore) -> None:
    assert not permits.await_one("key", 1).is_done
    permits.take("key", holder("a"), 1)

    assert not permits.await_one("key", 2).is_done
    noted = permits.await_one("key", 1)

    assert noted.is_done
    assert noted.permits.is_awaited
    assert not permits.release("key", holder("a")).is_done


def test_permits_change_only_as_they_were_seen(permits: PermitStore) -> None:
    seen = permits.take("key", holder("a"), 1).permits
    later = permits.await_one("key", 1).permits
    after = handed_over(later, holder("a"), [waiter("b")], now=NOW)

    assert not permits.change("key", seen, handed_over(seen, holder("a"), [], now=NOW)).is_done
    done = permits.change("key", later, after)
    assert done.is_done
    assert done.permits == after
    again = permits.change("key", later, after)
    assert not again.is_done
    assert again.permits == after


def test_emptied_permits_are_free_again(permits: PermitStore) -> None:
    permits.take("key", holder("a"), 1)
    seen = permits.await_one("key", 1).permits

    assert permits.change("key", seen, handed_over(seen, holder("a"), None, now=NOW)).is_done
    assert permits.take("key", holder("b"), 1).is_done
    assert permits.release("key", holder("b")).is_done


def test_permits_of_a_new_key_can_be_changed(permits: PermitStore) -> None:
    new = taken(Permits(), holder("a"), limit=1, now=NOW)
    assert new is not None

    assert permits.change("key", Permits(), new).permits == new
    assert not permits.change("key", Permits(), new).is_done


def test_line_is_in_the_order_of_waiting(permits: PermitStore) -> None:
    for one in (waiter("b", minute=2), waiter("c", minute=1), waiter("a", minute=2)):
        permits.join("key", one)
    permits.join("other", waiter("d"))

    assert [one.job_id for one in permits.line("key", 5)] == ["c", "a", "b"]
    assert permits.line("key", 1) == [waiter("c", minute=1)]
    assert permits.line("none", 5) == []


def test_who_asked_again_stays_in_the_line(permits: PermitStore) -> None:
    again = replace(waiter("a"), asked_at=NOW + MINUTE)
    permits.join("key", waiter("a"))
    permits.join("key", again)

    permits.quit("key", waiter("a"))
    assert permits.line("key", 5) == [again]
    permits.quit("key", again)
    assert permits.line("key", 5) == []
    permits.quit("key", again)


def test_one_write_holds_what_becomes_free_at_once(
    dynamodb: "DynamoDBClient", clock: FakeClock
) -> None:
    expressions: list[str] = []
    dynamodb.meta.events.register(
        "provide-client-params.dynamodb.UpdateItem",
        lambda params, **_: expressions.append(params["UpdateExpression"]),
    )
    permits = DynamoPermits(Table(dynamodb, create_table(dynamodb), clock))
    dead = [permits.take("key", holder(f"dead-{n}"), MAX_LIMIT) for n in range(MAX_LIMIT)]
    waiters = [waiter(f"next-{n}") for n in range(MOST_AT_ONCE)]
    expressions.clear()

    before = dead[-1].permits
    after = handed_over(before, holder("dead-0"), waiters, now=NOW + 2 * MINUTE)

    assert permits.change("key", before, after).is_done
    assert len(after.holders) == MOST_AT_ONCE
    assert max(len(one) for one in expressions) <= 4_096
