"""DynamoStore: answers that are none, and what each write costs."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.conftest import Listen
from workerless.aws.dynamodb import DynamoStore
from workerless.aws.listing import SCANNED
from workerless.due import GRACE, LEAD
from workerless.errors import StoreUnavailableError
from workerless.record import Progress
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import HOLDER, a_claim, a_finish, a_lease, a_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MINUTE = timedelta(minutes=1)


@pytest.fixture
def calls(listen: Listen) -> list[str]:
    """The name of every call made."""
    made: list[str] = []
    listen("provide-client-params.dynamodb.*", lambda model, **_: made.append(model.name))
    return made


def _garbled(**_: object) -> None:
    b"\xff".decode()


def _cut(parsed: dict[str, Any], **_: object) -> None:
    parsed.clear()


@pytest.mark.parametrize("fault", [_garbled, _cut])
def test_answer_that_is_none_is_told_from_an_empty_one(
    dynamo_store: DynamoStore, listen: Listen, fault: Callable[..., object]
) -> None:
    dynamo_store.put_many([a_record()])
    dynamo_store.claim_many([a_claim()])
    for call in ("UpdateItem", "BatchGetItem", "Query"):
        listen(f"after-call.dynamodb.{call}", fault)

    for ask in (
        lambda: dynamo_store.claim_many([a_claim("job-2")]),
        lambda: dynamo_store.finish_many([a_finish()]),
        lambda: dynamo_store.get_many(["job-1"]),
        lambda: dynamo_store.list(State.FAILED, job_type="send_email"),
    ):
        with pytest.raises(StoreUnavailableError) as raised:
            ask()
        assert raised.value.__cause__ is not None


def test_refusal_that_shows_nothing_is_no_answer(dynamo_store: DynamoStore, listen: Listen) -> None:
    dynamo_store.put_many([a_record()])
    listen("after-call.dynamodb.PutItem", lambda parsed, **_: parsed.pop("Item", None))

    with pytest.raises(StoreUnavailableError, match="refused and then not there"):
        dynamo_store.put_many([a_record()])


def test_page_of_waiting_jobs_looks_at_a_thousand_and_goes_on(dynamo_store: DynamoStore) -> None:
    others = [a_record(f"other-{n}", job_type="process_image") for n in range(SCANNED)]
    earlier = a_record().run_at - MINUTE
    dynamo_store.put_many([*others, a_record(run_at=earlier)])

    first = dynamo_store.list(State.PENDING, job_type="send_email", limit=200)
    second = dynamo_store.list(State.PENDING, job_type="send_email", limit=200, cursor=first.cursor)

    assert first.records == ()
    assert [record.job_id for record in second.records] == ["job-1"]
    assert second.cursor is None


def test_table_that_is_not_there_is_no_answer(dynamodb: "DynamoDBClient", clock: FakeClock) -> None:
    store = DynamoStore(dynamodb, "no-such-table", clock)
    progress = Progress(percent=1)

    for ask in (
        lambda: store.put_many([a_record()]),
        lambda: store.claim_many([a_claim()]),
        lambda: store.progress("job-1", HOLDER, progress, clock.now()),
        lambda: store.cancel("job-1", at=clock.now(), reason="", expires_at=clock.now()),
    ):
        with pytest.raises(StoreUnavailableError, match="ResourceNotFoundException"):
            ask()


def test_item_that_is_no_record_is_no_answer(
    dynamo_store: DynamoStore, dynamodb: "DynamoDBClient", table: str
) -> None:
    key = {"pk": {"S": "JOB#job-1"}, "sk": {"S": "RECORD"}}
    dynamodb.put_item(TableName=table, Item={**key, "job_id": {"S": "job-1"}, "body": {"S": ""}})

    with pytest.raises(StoreUnavailableError, match="no record of a job: KeyError"):
        dynamo_store.get_many(["job-1"])


def test_keys_left_unread_are_asked_for_again(
    dynamo_store: DynamoStore, listen: Listen, clock: FakeClock, table: str
) -> None:
    dynamo_store.put_many([a_record()])
    key = {"pk": {"S": "JOB#job-1"}, "sk": {"S": "RECORD"}}
    busy = iter([True, True])

    def leave(parsed: dict[str, Any], **_: object) -> None:
        if next(busy, False):
            parsed["Responses"] = {}
            parsed["UnprocessedKeys"] = {table: {"Keys": [key]}}

    listen("after-call.dynamodb.BatchGetItem", leave)

    assert dynamo_store.get_many(["job-1"]) == [a_record()]
    assert clock.sleeps == [timedelta(milliseconds=50), timedelta(milliseconds=100)]


def test_keys_never_read_are_no_answer(
    dynamo_store: DynamoStore, listen: Listen, table: str
) -> None:
    left = {table: {"Keys": [{"pk": {"S": "JOB#job-1"}, "sk": {"S": "RECORD"}}]}}
    listen(
        "after-call.dynamodb.BatchGetItem",
        lambda parsed, **_: parsed.update(Responses={}, UnprocessedKeys=left),
    )

    with pytest.raises(StoreUnavailableError, match="1 keys unread"):
        dynamo_store.get_many(["job-1"])


def test_life_of_a_small_job_is_three_writes(dynamo_store: DynamoStore, calls: list[str]) -> None:
    dynamo_store.put_many([a_record()])
    dynamo_store.claim_many([a_claim()])
    dynamo_store.finish_many([a_finish()])

    assert calls == ["PutItem", "UpdateItem", "UpdateItem"]


def test_redelivered_large_message_is_not_written_again(
    dynamo_store: DynamoStore, calls: list[str]
) -> None:
    new = a_record(body="x" * 2_000)
    dynamo_store.claim_many([a_claim(new=new)])
    first = list(calls)
    dynamo_store.finish_many([a_finish(state=State.RETRYING)])
    calls.clear()

    dynamo_store.claim_many([a_claim(new=new, lease=a_lease("token-2"))])

    assert first == ["UpdateItem", "PutItem", "PutItem"]
    assert calls == ["UpdateItem"]


def test_body_is_read_only_where_it_lies_apart(dynamo_store: DynamoStore, calls: list[str]) -> None:
    dynamo_store.put_many([a_record(), a_record("job-2", body="x" * 2_000)])
    calls.clear()

    dynamo_store.get_many(["job-1"])
    small = len(calls)
    dynamo_store.get_many(["job-1", "job-2"])

    assert (small, len(calls) - small) == (1, 2)


def test_index_moves_only_when_a_job_is_parked_or_ends(
    dynamo_store: DynamoStore, dynamodb: "DynamoDBClient", table: str, clock: FakeClock
) -> None:
    def indexed() -> tuple[str | None, bool]:
        key = {"pk": {"S": "JOB#job-1"}, "sk": {"S": "RECORD"}}
        item = dynamodb.get_item(TableName=table, Key=key)["Item"]
        return item["due_at"]["N"] if "due_at" in item else None, "state_key" in item

    def come_back(after: timedelta, **held: Any) -> None:
        retry = a_finish(**held, state=State.RETRYING, run_at=clock.now() + after)
        assert dynamo_store.finish_many([retry]) == [True]

    dynamo_store.put_many([a_record()])
    enqueued = indexed()
    dynamo_store.claim_many([a_claim()])
    running = indexed()
    come_back(MINUTE)
    hidden = indexed()
    second = a_claim(now=clock.now() + MINUTE, lease=a_lease("token-2"))
    held = dynamo_store.claim_many([second])[0].record
    come_back(60 * MINUTE, held=held)
    parked = indexed()
    dynamo_store.cancel("job-1", at=clock.now(), reason="", expires_at=clock.now() + MINUTE)

    start = str(int((clock.now() + GRACE).timestamp()) * 1_000)
    later = str(int((clock.now() + 60 * MINUTE - LEAD).timestamp()) * 1_000)
    assert [enqueued, running, hidden] == [(start, False)] * 3
    assert parked == (later, False)
    assert indexed() == (None, True)
