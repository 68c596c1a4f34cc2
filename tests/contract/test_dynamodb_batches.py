"""DynamoStore in batches: one call where all goes well, and the way around where it does not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.conftest import Listen
from workerless.aws.dynamodb import DynamoStore
from workerless.errors import StoreUnavailableError
from workerless.record import Record
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record, an_error
from workerless.transition import Claim, Finish, Verdict

SECOND = timedelta(seconds=1)
BATCH = "BatchExecuteStatement"
IDS = ["job-1", "job-2", "job-3"]
NOW = a_claim().now + SECOND


@pytest.fixture
def calls(listen: Listen) -> list[str]:
    """The name of every call made."""
    made: list[str] = []
    listen("provide-client-params.dynamodb.*", lambda model, **_: made.append(model.name))
    return made


@pytest.fixture
def statements(listen: Listen) -> list[str]:
    """Every statement sent."""
    sent: list[str] = []

    def note(params: dict[str, Any], **_: object) -> None:
        sent.extend(one["Statement"] for one in params["Statements"])

    listen(f"provide-client-params.dynamodb.{BATCH}", note)
    return sent


def _claims(**changes: Any) -> list[Claim]:
    return [a_claim(job_id, now=NOW, **changes) for job_id in IDS]


def _held(store: DynamoStore) -> list[Record]:
    store.put_many([a_record(job_id) for job_id in IDS])
    return [claimed.record for claimed in store.claim_many(_claims()) if claimed.record]


def _finishes(held: list[Record], **changes: Any) -> list[Finish]:
    return [a_finish(held=record, at=NOW, **changes) for record in held]


def _stored(store: DynamoStore) -> list[tuple[State, int]]:
    return [(record.state, record.attempt) for record in store.get_many(IDS) if record]


def test_each_step_of_many_jobs_is_one_call(dynamo_store: DynamoStore, calls: list[str]) -> None:
    held = _held(dynamo_store)
    dynamo_store.finish_many(_finishes(held, state=State.RETRYING, error=an_error()))
    again = [
        a_claim(job_id, now=NOW + SECOND, lease=a_lease("token-2", until=NOW + 60 * SECOND))
        for job_id in IDS
    ]
    held = [one.record for one in dynamo_store.claim_many(again) if one.record]
    done = dynamo_store.finish_many(_finishes(held))

    assert calls == [BATCH] * 5
    assert done == [True] * 3
    assert _stored(dynamo_store) == [(State.COMPLETED, 2)] * 3


def test_new_jobs_are_made_by_one_call(dynamo_store: DynamoStore, calls: list[str]) -> None:
    claims = [a_claim(job_id, new=a_record(job_id)) for job_id in IDS]

    answers = dynamo_store.claim_many(claims)

    assert calls == [BATCH]
    assert [answer.verdict for answer in answers] == [Verdict.GRANTED] * 3


def test_a_call_holds_25_and_no_job_twice(dynamo_store: DynamoStore, calls: list[str]) -> None:
    records = [a_record(f"job-{number}") for number in range(51)]

    puts = dynamo_store.put_many([*records, records[0], records[1]])

    assert calls[:4] == [BATCH, BATCH, "PutItem", BATCH]
    assert [put.created for put in puts] == [True] * 51 + [False] * 2


def test_one_alone_is_no_batch(dynamo_store: DynamoStore, calls: list[str]) -> None:
    dynamo_store.put_many([a_record()])
    held = dynamo_store.claim_many([a_claim(now=NOW)])[0].record
    dynamo_store.finish_many([a_finish(held=held)])

    assert calls == ["PutItem", "UpdateItem", "UpdateItem"]


def test_batch_whose_answer_was_lost_is_done_once(
    dynamo_store: DynamoStore, listen: Listen
) -> None:
    def lose_next() -> None:
        answers = iter([0])
        listen(f"needs-retry.dynamodb.{BATCH}", lambda **_: next(answers, None))

    lose_next()
    puts = dynamo_store.put_many([a_record(job_id) for job_id in IDS])
    lose_next()
    claimed = dynamo_store.claim_many(_claims())
    lose_next()
    held = [one.record for one in claimed if one.record]
    done = dynamo_store.finish_many(_finishes(held, state=State.RETRYING, error=an_error()))

    assert [put.created for put in puts] == [True] * 3
    assert [one.verdict for one in claimed] == [Verdict.GRANTED] * 3
    assert done == [True] * 3
    assert _stored(dynamo_store) == [(State.RETRYING, 1)] * 3
    assert [len(record.errors) for record in dynamo_store.get_many(IDS) if record] == [1] * 3


def _spoil(answer: dict[str, Any]) -> Callable[..., None]:
    """Answers in the place of the second of each batch, which was carried out."""

    def spoil(parsed: dict[str, Any], **_: object) -> None:
        parsed["Responses"][1] = answer

    return spoil


@pytest.mark.parametrize(
    "answer",
    [
        {"Error": {"Code": "ThrottlingError", "Message": ""}},
        {"Error": {"Code": "DuplicateItem", "Message": ""}},
        {"Error": {"Code": "ConditionalCheckFailed", "Message": ""}},
        {"Error": {"Code": "ValidationError", "Message": ""}},
    ],
)
def test_entry_not_cleanly_done_is_judged_by_itself(
    dynamo_store: DynamoStore, listen: Listen, answer: dict[str, Any], calls: list[str]
) -> None:
    listen(f"after-call.dynamodb.{BATCH}", _spoil(answer))

    held = _held(dynamo_store)
    done = dynamo_store.finish_many(_finishes(held))

    assert (len(held), done) == (3, [True] * 3)
    assert _stored(dynamo_store) == [(State.COMPLETED, 1)] * 3
    assert calls[:6] == [BATCH, "PutItem", BATCH, "UpdateItem", BATCH, "UpdateItem"]


def test_claim_that_shows_no_item_is_judged_by_itself(
    dynamo_store: DynamoStore, listen: Listen, calls: list[str]
) -> None:
    listen(f"after-call.dynamodb.{BATCH}", _spoil({"TableName": "table"}))

    held = _held(dynamo_store)

    assert [(one.job_id, one.attempt) for one in held] == [(job_id, 1) for job_id in IDS]
    assert calls[-2:] == [BATCH, "UpdateItem"]


def test_finishes_ask_for_proof_until_there_has_been_one(
    dynamo_store: DynamoStore,
    dynamodb: Any,
    table: str,
    clock: FakeClock,
    statements: list[str],
) -> None:
    held = _held(dynamo_store)
    fresh = DynamoStore(dynamodb, table, clock)  # a process whose batches have shown nothing yet

    assert fresh.finish_many(_finishes(held[:2])) == [True, True]
    assert all(one.endswith("RETURNING MODIFIED OLD *") for one in statements[-2:])

    dynamo_store.put_many([a_record(job_id) for job_id in "xy"])
    claims = [a_claim(job_id, now=NOW) for job_id in "xy"]
    more = [one.record for one in fresh.claim_many(claims) if one.record]
    assert fresh.finish_many(_finishes(more)) == [True, True]
    assert not any("RETURNING" in one for one in statements[-2:])


@pytest.mark.parametrize("code", ["ValidationError", "AccessDenied"])
def test_service_that_takes_no_statement_of_ours_is_asked_once(
    dynamo_store: DynamoStore, listen: Listen, calls: list[str], code: str
) -> None:
    def refuse(parsed: dict[str, Any], **_: object) -> None:
        error = {"Error": {"Code": code, "Message": ""}}
        parsed["Responses"] = [error for _ in parsed["Responses"]]

    listen(f"after-call.dynamodb.{BATCH}", refuse)

    held = _held(dynamo_store)

    assert dynamo_store.finish_many(_finishes(held)) == [True] * 3
    assert calls.count(BATCH) == 1


def test_role_without_the_right_to_batches_is_asked_once(
    dynamo_store: DynamoStore, listen: Listen, calls: list[str]
) -> None:
    def refuse(http_response: Any, parsed: dict[str, Any], **_: object) -> None:
        http_response.status_code = 400
        parsed["Error"] = {"Code": "AccessDeniedException", "Message": ""}

    listen(f"after-call.dynamodb.{BATCH}", refuse)

    held = _held(dynamo_store)

    assert dynamo_store.finish_many(_finishes(held)) == [True] * 3
    assert calls.count(BATCH) == 1


@pytest.mark.parametrize("left", [0, 2])
def test_batch_with_too_few_answers_is_no_answer(
    dynamo_store: DynamoStore, listen: Listen, left: int
) -> None:
    def cut(parsed: dict[str, Any], **_: object) -> None:
        del parsed["Responses"][left:]

    listen(f"after-call.dynamodb.{BATCH}", cut)

    with pytest.raises(StoreUnavailableError, match="answers to 3 statements"):
        dynamo_store.put_many([a_record(job_id) for job_id in IDS])


def test_claims_of_one_job_are_granted_in_turn(dynamo_store: DynamoStore) -> None:
    dynamo_store.put_many([a_record(), a_record("job-2")])

    first, second, third = dynamo_store.claim_many(
        [a_claim(now=NOW), a_claim(now=NOW, lease=a_lease("rival")), a_claim("job-2", now=NOW)]
    )

    verdicts = [first.verdict, second.verdict, third.verdict]
    assert verdicts == [Verdict.GRANTED, Verdict.LEASED, Verdict.GRANTED]


def test_refused_claims_show_what_stood_there(
    dynamo_store: DynamoStore, calls: list[str], clock: FakeClock
) -> None:
    later = a_record("job-2", state=State.SCHEDULED, run_at=NOW + SECOND)
    dynamo_store.put_many([a_record(state=State.FAILED), later])
    calls.clear()

    ended, early = dynamo_store.claim_many(_claims()[:2])

    assert (ended.verdict, early.verdict) == (Verdict.ENDED, Verdict.EARLY)
    assert calls == [BATCH]
