"""DynamoStore: answers that were lost on their way, and races that were."""

from datetime import timedelta

import pytest

from tests.contract.conftest import Listen
from workerless.aws.dynamodb import DynamoStore
from workerless.errors import StoreUnavailableError
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record, an_error
from workerless.transition import Verdict

MINUTE = timedelta(minutes=1)


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
    held = dynamo_store.claim_many([a_claim()])[0].record
    _lose_first_answer(listen, "UpdateItem")

    done = dynamo_store.finish_many([a_finish(held=held, state=State.RETRYING, error=an_error(9))])

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
