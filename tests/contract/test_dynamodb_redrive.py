"""DynamoOperatorStore: decisions in batches, answers that were lost, and bodies that were."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.conftest import Listen
from workerless.aws.item import body_key, record_key
from workerless.aws.operator import DynamoOperatorStore
from workerless.record import Record
from workerless.redrive import Dismissal, Edit, Redrive
from workerless.retention import BODY_LIFETIME
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_record, an_error

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = timedelta(days=1)
BATCH = "BatchExecuteStatement"
IDS = ["job-1", "job-2", "job-3"]
BIG = '{"text":"' + "x" * 5_000 + '"}'


@pytest.fixture
def calls(listen: Listen) -> list[str]:
    """The name of every call made."""
    made: list[str] = []
    listen("provide-client-params.dynamodb.*", lambda model, **_: made.append(model.name))
    return made


def _lose_first_answer(listen: Listen, call: str) -> None:
    """Have botocore repeat a call that was carried out, as if its answer had never come."""
    answers = iter([0])
    listen(f"needs-retry.dynamodb.{call}", lambda **_: next(answers, None))


def failed(store: DynamoOperatorStore, ids: list[str], **facts: Any) -> list[Record]:
    store.put_many(
        [
            a_record(job_id, state=State.FAILED, reason="rejected", errors=(an_error(),), **facts)
            for job_id in ids
        ]
    )
    return [record for record in store.get_many(ids) if record]


def redrives(seen: list[Record], clock: FakeClock, **changes: Any) -> list[Redrive]:
    now = clock.now()
    return [
        replace(Redrive(seen=one, by="request-1", at=now, run_at=now), **changes) for one in seen
    ]


def dismissals(seen: list[Record], clock: FakeClock) -> list[Dismissal]:
    now = clock.now()
    return [
        Dismissal(seen=one, by="request-1", at=now, reason="spam", expires_at=now + DAY)
        for one in seen
    ]


def test_decision_about_many_jobs_is_one_call(
    dynamo_store: DynamoOperatorStore, clock: FakeClock, calls: list[str]
) -> None:
    seen = [failed(dynamo_store, [f"{name}-{job_id}" for job_id in IDS]) for name in "abc"]
    calls.clear()

    dynamo_store.redrive_many(redrives(seen[0], clock))
    dynamo_store.dismiss_many(dismissals(seen[1], clock))
    dynamo_store.delete_many(seen[2])

    # Moto answers a deletion without the item that was there: then each is asked about by itself.
    assert calls in ([BATCH] * 3, [BATCH] * 3 + ["DeleteItem"] * 3)


@pytest.mark.parametrize("ids", [IDS[:1], IDS])
def test_decision_whose_answer_was_lost_is_done_once(
    dynamo_store: DynamoOperatorStore, listen: Listen, clock: FakeClock, ids: list[str]
) -> None:
    seen = [failed(dynamo_store, [f"{name}-{job_id}" for job_id in ids]) for name in "abc"]

    _lose_first_answer(listen, BATCH if len(ids) > 1 else "UpdateItem")
    redriven = dynamo_store.redrive_many(redrives(seen[0], clock))
    _lose_first_answer(listen, BATCH if len(ids) > 1 else "UpdateItem")
    dismissed = dynamo_store.dismiss_many(dismissals(seen[1], clock))
    _lose_first_answer(listen, BATCH if len(ids) > 1 else "DeleteItem")
    deleted = dynamo_store.delete_many(seen[2])

    assert [one.is_done for one in [*redriven, *dismissed]] == [True] * 2 * len(ids)
    assert deleted == [True] * len(ids)
    found = dynamo_store.get_many([one.job_id for one in seen[0]])
    assert [record.generation for record in found if record] == [2] * len(ids)


@pytest.mark.parametrize(
    "code", ["ThrottlingError", "ConditionalCheckFailed", "ValidationError", "AccessDenied"]
)
def test_decision_of_a_batch_that_tells_nothing_is_found_done(
    dynamo_store: DynamoOperatorStore, listen: Listen, clock: FakeClock, code: str
) -> None:
    seen = [failed(dynamo_store, [f"{name}-{job_id}" for job_id in IDS]) for name in "abc"]

    def refuse(parsed: dict[str, Any], **_: object) -> None:
        error = {"Error": {"Code": code, "Message": ""}}
        parsed["Responses"] = [error for _ in parsed["Responses"]]

    listen(f"after-call.dynamodb.{BATCH}", refuse)

    redriven = dynamo_store.redrive_many(redrives(seen[0], clock))
    dismissed = dynamo_store.dismiss_many(dismissals(seen[1], clock))
    deleted = dynamo_store.delete_many(seen[2])

    assert [one.is_done for one in [*redriven, *dismissed]] == [True] * 2 * len(IDS)
    assert deleted == [True] * len(IDS)


def test_body_that_dynamodb_deleted_since_it_was_read_is_stored_again(
    dynamodb: "DynamoDBClient", table: str, dynamo_store: DynamoOperatorStore, clock: FakeClock
) -> None:
    seen = failed(dynamo_store, IDS[:1], body=BIG)
    clock.advance(BODY_LIFETIME + DAY)
    dynamodb.delete_item(TableName=table, Key=body_key("job-1", seen[0].digest))

    dynamo_store.redrive_many(redrives(seen, clock))

    (record,) = dynamo_store.get_many(IDS[:1])
    assert record is not None
    assert record.body == BIG


@pytest.mark.parametrize("bodies", [("{}", BIG), (BIG, "{}"), ("{}", "[]")])
def test_edited_body_lies_where_a_new_one_would(
    dynamodb: "DynamoDBClient",
    table: str,
    dynamo_store: DynamoOperatorStore,
    clock: FakeClock,
    bodies: tuple[str, str],
) -> None:
    before, after = bodies
    seen = failed(dynamo_store, IDS[:1], body=before)
    edit = Edit(body=after, digest="1" * 64)

    dynamo_store.redrive_many(redrives(seen, clock, edit=edit))

    item = dynamodb.get_item(TableName=table, Key=record_key("job-1"))["Item"]
    assert ("body" in item) == (len(after) < len(BIG))
    (record,) = dynamo_store.get_many(IDS[:1])
    assert record is not None
    assert record.body == after
