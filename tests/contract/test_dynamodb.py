"""DynamoStore: lost answers, garbled answers, races, and what each write costs."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from workerless.aws.dynamodb import DynamoStore
from workerless.errors import StoreUnavailableError
from workerless.record import Progress
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import HOLDER, a_claim, a_finish, a_lease, a_record, an_error
from workerless.transition import Verdict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MINUTE = timedelta(minutes=1)
type Listen = Callable[[str, Callable[..., Any]], None]


@pytest.fixture
def listen(dynamodb: "DynamoDBClient") -> Iterator[Listen]:
    """Have a function told of an event of the client for the length of a test."""
    registered: list[tuple[str, Callable[..., Any]]] = []

    def register(event: str, listener: Callable[..., Any]) -> None:
        dynamodb.meta.events.register_first(event, listener)
        registered.append((event, listener))

    yield register
    for event, listener in registered:
        dynamodb.meta.events.unregister(event, listener)


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


def test_put_whose_answer_was_lost_counts_as_created(
    dynamo_store: DynamoStore, listen: Listen
) -> None:
    _lose_first_answer(listen, "PutItem")

    (put,) = dynamo_store.put_many([a_record()])

    assert put.created
    assert put.record == a_record()


def test_put_that_lost_to_another_is_not_created_by_a_retry(
    dynamo_store: DynamoStore, listen: Listen
) -> None:
    dynamo_store.put_many([a_record(digest="a" * 64)])
    _lose_first_answer(listen, "PutItem")

    (put,) = dynamo_store.put_many([a_record()])

    assert not put.created


def test_claim_whose_answer_was_lost_is_granted_once(
    dynamo_store: DynamoStore, listen: Listen
) -> None:
    dynamo_store.put_many([a_record()])
    _lose_first_answer(listen, "UpdateItem")

    (answer,) = dynamo_store.claim_many([a_claim()])

    assert answer.verdict is Verdict.GRANTED
    assert answer.record
    assert answer.record.attempt == 1


def test_creating_claim_whose_answer_was_lost_is_granted_once(
    dynamo_store: DynamoStore, listen: Listen
) -> None:
    _lose_first_answer(listen, "PutItem")

    (answer,) = dynamo_store.claim_many([a_claim(new=a_record())])

    assert answer.verdict is Verdict.GRANTED
    assert answer.record
    assert answer.record.attempt == 1


def test_takeover_whose_answer_was_lost_is_granted_once(
    dynamo_store: DynamoStore, listen: Listen, clock: FakeClock
) -> None:
    dynamo_store.put_many([a_record()])
    dynamo_store.claim_many([a_claim()])
    late = clock.now() + MINUTE
    claim = a_claim(lease=a_lease("token-2", until=late + MINUTE), now=late)
    # The first update is refused; the second one, the takeover, is carried out and its answer lost.
    answers = iter([None, 0])
    listen("needs-retry.dynamodb.UpdateItem", lambda **_: next(answers, None))

    (answer,) = dynamo_store.claim_many([claim])

    assert answer.verdict is Verdict.GRANTED
    assert answer.record
    assert answer.record.attempt == 2


@pytest.mark.parametrize("errors", [0, 5])
def test_finish_whose_answer_was_lost_is_done_once(
    dynamo_store: DynamoStore, listen: Listen, errors: int
) -> None:
    before = tuple(an_error(attempt) for attempt in range(1, errors + 1))
    dynamo_store.put_many([a_record(errors=before)])
    dynamo_store.claim_many([a_claim()])
    _lose_first_answer(listen, "UpdateItem")

    done = dynamo_store.finish_many([a_finish(state=State.RETRYING, error=an_error(9))])

    (record,) = dynamo_store.get_many(["job-1"])
    assert done == [True]
    assert record
    assert record.errors == (*before, an_error(9))[-5:]


def test_claim_that_loses_a_race_is_judged_by_the_winner(
    dynamo_store: DynamoStore, listen: Listen, clock: FakeClock
) -> None:
    dynamo_store.put_many([a_record()])
    dynamo_store.claim_many([a_claim()])
    late = clock.now() + MINUTE
    rivals = iter([a_claim(lease=a_lease("rival", until=late + MINUTE), now=late)])

    def overtake(**_: object) -> None:
        # Between the refusal that shows the dead lease and the takeover.
        for rival in rivals:
            dynamo_store.claim_many([rival])

    listen("after-call.dynamodb.UpdateItem", overtake)

    (answer,) = dynamo_store.claim_many([a_claim(lease=a_lease("token-2"), now=late)])

    assert answer.verdict is Verdict.LEASED
    assert answer.record
    assert answer.record.lease == a_lease("rival", until=late + MINUTE)


def test_claim_gives_up_on_a_record_that_never_holds_still(
    dynamo_store: DynamoStore, listen: Listen, clock: FakeClock
) -> None:
    dynamo_store.put_many([a_record(max_attempts=100)])
    dynamo_store.claim_many([a_claim()])
    late = clock.now() + MINUTE
    busy: list[str] = []

    def overtake(**_: object) -> None:
        if len(busy) % 2 == 0:  # the rivals' own calls come through here too
            busy.append("rival")
            rival = a_lease(f"rival-{len(busy)}", until=clock.now())
            dynamo_store.claim_many([a_claim(lease=rival, now=late)])
            busy.append("done")

    listen("after-call.dynamodb.UpdateItem", overtake)

    with pytest.raises(StoreUnavailableError, match="changed by others 5 times"):
        dynamo_store.claim_many([a_claim(lease=a_lease("token-2"), now=late)])


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


def test_index_moves_only_when_a_job_comes_due_or_ends(
    dynamo_store: DynamoStore, dynamodb: "DynamoDBClient", table: str, clock: FakeClock
) -> None:
    def indexed() -> tuple[str | None, bool]:
        key = {"pk": {"S": "JOB#job-1"}, "sk": {"S": "RECORD"}}
        item = dynamodb.get_item(TableName=table, Key=key)["Item"]
        return item["due_at"]["N"] if "due_at" in item else None, "state_shard" in item

    dynamo_store.put_many([a_record()])
    enqueued = indexed()
    dynamo_store.claim_many([a_claim()])
    running = indexed()
    dynamo_store.finish_many([a_finish(state=State.RETRYING, run_at=clock.now() + MINUTE)])
    retrying = indexed()
    dynamo_store.cancel("job-1", at=clock.now(), reason="", expires_at=clock.now() + MINUTE)

    start = str(int(clock.now().timestamp()) * 1_000)
    later = str(int((clock.now() + MINUTE).timestamp()) * 1_000)
    assert [enqueued, running] == [(start, False)] * 2
    assert retrying == (later, False)
    assert indexed() == (None, True)
