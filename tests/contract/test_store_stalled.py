"""Store: an attempt that died is noted once, by the sweeper or by the claim that takes over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from workerless.aws.operator import DynamoOperatorStore
from workerless.due import SHARDS
from workerless.ports import Due, Postponement, Store
from workerless.record import Record
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record
from workerless.transition import Claim

MINUTE = timedelta(minutes=1)
FAR = START + timedelta(days=4_000)
LATER = START + 3 * MINUTE


@pytest.fixture
def claim(store: Store) -> Claim:
    """A running job whose lease ends in a minute."""
    store.put_many([a_record()])
    store.claim_many([claim := a_claim()])
    return claim


def due(store: Store) -> Due:
    (one,) = [due for shard in range(SHARDS) for due in store.due(shard, before=FAR, limit=9)]
    return one


def stored(store: Store) -> Record:
    (record,) = store.get_many(["job-1"])
    assert record is not None
    return record


def test_put_off_may_say_that_an_attempt_died(store: Store, claim: Claim) -> None:
    found = Postponement(due=due(store), until=FAR, stalled_at=claim.lease.until)

    answers = store.postpone_many([found])

    assert answers == [True]
    assert due(store).at == FAR
    assert stored(store).stalled_at == claim.lease.until
    assert stored(store).is_known_dead


def test_many_are_told_dead_in_one_call(store: Store) -> None:
    ids = [f"job-{number}" for number in range(5)]
    store.put_many([a_record(job_id) for job_id in ids])
    store.claim_many([a_claim(job_id) for job_id in ids[:4]])
    all_due = [one for shard in range(SHARDS) for one in store.due(shard, before=FAR, limit=9)]
    ends = START + MINUTE

    answers = store.postpone_many(
        [Postponement(due=one, until=FAR, stalled_at=ends) for one in all_due]
    )

    records = store.get_many([one.job_id for one in all_due])
    dead = [bool(record and record.is_known_dead) for record in records]
    assert answers == dead == [one.job_id != "job-4" for one in all_due]


def test_attempt_of_another_lease_is_not_called_dead(store: Store, claim: Claim) -> None:
    before = due(store)
    stale = Postponement(due=before, until=FAR, stalled_at=claim.lease.until - MINUTE)

    answers = store.postpone_many([stale])

    assert answers == [False]
    assert due(store) == before
    assert stored(store).stalled_at is None


def test_attempt_that_has_ended_is_not_called_dead(store: Store, claim: Claim) -> None:
    before = due(store)
    store.finish_many([a_finish(state=State.RETRYING, run_at=START + MINUTE)])

    answers = store.postpone_many(
        [Postponement(due=before, until=FAR, stalled_at=claim.lease.until)]
    )

    assert answers == [False]
    assert stored(store).stalled_at is None


@pytest.mark.parametrize("is_known", [False, True])
def test_takeover_notes_that_the_attempt_before_died_unless_that_is_known(
    store: Store,
    claim: Claim,
    is_known: bool,  # noqa: FBT001 -- a parameter of the test
) -> None:
    ends = claim.lease.until
    if is_known:
        store.postpone_many([Postponement(due=due(store), until=FAR, stalled_at=ends)])

    store.claim_many([replace(claim, now=LATER, lease=a_lease("token-2", until=FAR))])

    record = stored(store)
    assert record.started_at == LATER
    assert record.stalled_at == (ends if is_known else LATER)
    assert not record.is_known_dead


def test_sweeper_that_notes_it_while_a_claim_looks_is_the_one_that_tells(
    dynamo_store: DynamoOperatorStore, listen: Callable[[str, Callable[..., Any]], None]
) -> None:
    dynamo_store.put_many([a_record()])
    dynamo_store.claim_many([claim := a_claim()])
    ends = claim.lease.until
    found = [Postponement(due=due(dynamo_store), until=FAR, stalled_at=ends)]
    answers: list[bool] = []

    def sweep(params: dict[str, Any], **_: object) -> None:
        takes_over = ":until" in params["ExpressionAttributeValues"]
        if takes_over and found:
            answers.extend(dynamo_store.postpone_many([found.pop()]))

    listen("provide-client-params.dynamodb.UpdateItem", sweep)

    dynamo_store.claim_many([replace(claim, now=LATER, lease=a_lease("token-2", until=FAR))])

    assert answers == [True]
    assert stored(dynamo_store).started_at == LATER
    assert stored(dynamo_store).stalled_at == ends  # as the sweeper wrote it, and told
