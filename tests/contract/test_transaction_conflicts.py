"""Writes to an item that a transaction has in hand: made again, since that takes milliseconds."""

from collections.abc import Callable
from itertools import repeat
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.conftest import Listen
from workerless.aws.dynamodb import DynamoStore
from workerless.errors import StoreUnavailableError
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_record
from workerless.transition import Verdict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def hinder(dynamodb: "DynamoDBClient", listen: Listen) -> Callable[[str, int], None]:
    """Have the next calls of a kind meet a transaction."""

    def hinder(call: str, times: int) -> None:
        left = repeat(None, times)
        told: Any = {"Error": {"Code": "TransactionConflictException", "Message": "in hand"}}

        def conflict(**_: object) -> None:
            for _once in left:
                raise dynamodb.exceptions.TransactionConflictException(told, call)

        listen(f"before-call.dynamodb.{call}", conflict)

    return hinder


def test_attempt_is_claimed_and_finished_all_the_same(
    dynamo_store: DynamoStore, clock: FakeClock, hinder: Callable[[str, int], None]
) -> None:
    hinder("PutItem", 3)
    hinder("UpdateItem", 3)

    (put,) = dynamo_store.put_many([a_record()])
    (claimed,) = dynamo_store.claim_many([a_claim(now=clock.now())])
    done = dynamo_store.finish_many([a_finish(held=claimed.record, at=clock.now())])

    assert put.created
    assert claimed.verdict is Verdict.GRANTED
    assert done == [True]


def test_transaction_without_end_is_a_store_that_does_not_answer(
    dynamo_store: DynamoStore, hinder: Callable[[str, int], None]
) -> None:
    hinder("PutItem", 100)

    with pytest.raises(StoreUnavailableError, match="TransactionConflictException"):
        dynamo_store.put_many([a_record()])
