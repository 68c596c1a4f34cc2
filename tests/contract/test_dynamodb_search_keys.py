"""DynamoStore: search keys stay as long as the jobs that they lead to, and no longer."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from workerless.aws.operator import DynamoOperatorStore
from workerless.aws.search_key import key_partition
from workerless.aws.value import read_expiry
from workerless.record import Record
from workerless.retention import BODY_LIFETIME, HELD_PATIENCE
from workerless.search_key import key_digest
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_record, an_error

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
SEVEN = {"order_id": key_digest("7")}


class Shop:
    """A store, and until when the key of its one job stays."""

    def __init__(self, store: DynamoOperatorStore, client: "DynamoDBClient", table: str) -> None:
        self.store = store
        self._client = client
        self._table = table

    def days(self, clock: FakeClock) -> float:
        """From now on."""
        (item,) = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={
                ":pk": key_partition("send_email", "order_id", SEVEN["order_id"])["pk"]
            },
        )["Items"]
        return (read_expiry(item["expires_at"]) - clock.now()) / DAY

    def claimed(self, clock: FakeClock) -> Record:
        self.store.put_many([a_record(search_keys=SEVEN)])
        (claim,) = self.store.claim_many([a_claim(now=clock.now() + SECOND)])
        assert claim.record
        return claim.record


@pytest.fixture
def shop(dynamo_store: DynamoOperatorStore, dynamodb: "DynamoDBClient", table: str) -> Shop:
    return Shop(dynamo_store, dynamodb, table)


@pytest.mark.parametrize(("retention", "days"), [(7 * DAY, 30), (22 * DAY, 30), (90 * DAY, 90)])
def test_key_outlives_the_record_of_a_job_that_ended(
    shop: Shop, clock: FakeClock, retention: timedelta, days: int
) -> None:
    held = shop.claimed(clock)

    finish = a_finish(held=held, state=State.FAILED, expires_at=clock.now() + retention)
    assert shop.store.finish_many([finish]) == [True]

    assert shop.days(clock) == days


def test_key_outlives_the_patience_for_a_held_job(shop: Shop, clock: FakeClock) -> None:
    held = shop.claimed(clock)

    shop.store.finish_many([a_finish(held=held, state=State.HELD, reason="unknown_outcome")])

    assert shop.days(clock) == (HELD_PATIENCE + BODY_LIFETIME) / DAY


def test_key_outlives_a_job_that_is_told_to_wait(shop: Shop, clock: FakeClock) -> None:
    shop.store.put_many([a_record(search_keys=SEVEN)])

    shop.store.reschedule("job-1", run_at=clock.now() + 100 * DAY, at=clock.now())

    assert shop.days(clock) == 130


def test_key_outlives_a_job_that_was_given_up(shop: Shop, clock: FakeClock) -> None:
    record = a_record(search_keys=SEVEN)
    shop.store.put_many([record])
    until = clock.now() + 90 * DAY

    shop.store.give_up(
        record, at=clock.now(), reason="undeliverable", error=an_error(), expires_at=until
    )

    assert shop.days(clock) == 90


def test_key_of_a_job_for_a_far_day_outlives_it(shop: Shop, clock: FakeClock) -> None:
    later = clock.now() + 400 * DAY
    shop.store.put_many([a_record(search_keys=SEVEN, state=State.SCHEDULED, run_at=later)])

    assert shop.days(clock) == 430
