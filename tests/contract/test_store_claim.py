"""Store: every verdict a claim can meet, and what it leaves behind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from workerless.ports import Store
from workerless.record import Record
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record
from workerless.transition import Claim, Verdict, claimed

SECOND = timedelta(seconds=1)
OTHER = "token-2"
MINUTE = timedelta(minutes=1)
LARGE = "x" * 2_000


def _verdict(store: Store, claim: Claim) -> Verdict:
    return store.claim_many([claim])[0].verdict


def _stored(store: Store) -> Record:
    (record,) = store.get_many(["job-1"])
    assert record is not None
    return record


@pytest.mark.parametrize("state", [State.SCHEDULED, State.PENDING, State.RETRYING])
@pytest.mark.parametrize("generation", [None, 1, 2])
def test_waiting_job_is_granted(store: Store, state: State, generation: int | None) -> None:
    before = a_record(state=state)
    store.put_many([before])
    claim = a_claim(generation=generation)

    (answer,) = store.claim_many([claim])

    after = claimed(before, claim)
    assert answer.verdict is Verdict.GRANTED
    assert answer.record == replace(after, body="")
    assert _stored(store) == after
    assert (after.attempt, after.state, after.started_at) == (1, State.PROCESSING, claim.now)


def test_second_attempt_keeps_the_first_start(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record()])
    store.claim_many([a_claim()])
    store.finish_many([a_finish(state=State.RETRYING, run_at=clock.now())])

    (answer,) = store.claim_many([a_claim(lease=a_lease(OTHER), now=clock.now() + SECOND)])

    assert answer.record
    assert answer.record.attempt == 2
    assert answer.record.first_started_at == clock.now()
    assert answer.record.started_at == clock.now() + SECOND


def test_start_without_a_handler_is_forgotten(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record()])
    held = store.claim_many([a_claim()])[0].record
    refused = a_finish(held=held, state=State.RETRYING, run_at=clock.now(), refund=True)
    store.finish_many([replace(refused, began=False)])
    forgotten = _stored(store)

    (answer,) = store.claim_many([a_claim(lease=a_lease(OTHER), now=clock.now() + SECOND)])

    assert (forgotten.first_started_at, forgotten.started_at) == (None, None)
    assert answer.record
    assert answer.record.first_started_at is None
    assert answer.record.started_at == clock.now() + SECOND


@pytest.mark.parametrize("body", ["small", LARGE])
def test_job_that_came_without_a_record_gets_one(store: Store, body: str) -> None:
    claim = a_claim(new=a_record(body=body))

    (answer,) = store.claim_many([claim])

    assert answer.verdict is Verdict.GRANTED
    assert answer.record == replace(claimed(None, claim), body="")
    assert _stored(store) == claimed(None, claim)


@pytest.mark.parametrize("body", ["small", LARGE])
def test_redelivery_of_such_a_job_meets_its_record(store: Store, body: str) -> None:
    store.claim_many([a_claim(new=a_record(body=body))])

    again = a_claim(new=a_record(body=body), lease=a_lease(OTHER))
    leased = _verdict(store, again)
    store.finish_many([a_finish(state=State.RETRYING)])
    granted = _verdict(store, again)

    assert (leased, granted) == (Verdict.LEASED, Verdict.GRANTED)
    assert _stored(store).attempt == 2
    assert _stored(store).body == body


def test_claim_repeated_after_a_lost_answer_wins_once(store: Store) -> None:
    store.put_many([a_record()])
    first = store.claim_many([a_claim()])

    second = store.claim_many([a_claim()])

    assert second == first
    assert _stored(store).attempt == 1


@pytest.mark.parametrize("body", ["small", LARGE])
@pytest.mark.parametrize("company", [0, 3])
def test_new_job_takes_the_id_of_one_that_is_past_its_time(
    store: Store, clock: FakeClock, body: str, company: int
) -> None:
    store.claim_many([a_claim(new=a_record(body=body))])
    over = clock.now() + MINUTE
    store.finish_many([a_finish(expires_at=over, listed=False)])
    clock.advance(MINUTE)
    new = a_record(body=body, digest="1" * 64, run_at=over, enqueued_at=over, updated_at=over)
    claims = [
        a_claim(one, new=replace(new, job_id=one), lease=a_lease(OTHER), now=over)
        for one in ("job-1", "job-2", "job-3", "job-4")[: company + 1]
    ]

    answers = store.claim_many(claims)

    assert {answer.verdict for answer in answers} == {Verdict.GRANTED}
    assert _stored(store) == claimed(None, claims[0])


def test_duplicate_of_a_job_past_its_time_is_one_still(store: Store, clock: FakeClock) -> None:
    """Its message says that there was a record: better acknowledged than dead-lettered."""
    store.put_many([a_record()])
    store.claim_many([a_claim(generation=1)])
    store.finish_many([a_finish(expires_at=clock.now() + MINUTE)])
    clock.advance(MINUTE)

    claim = a_claim(generation=1, lease=a_lease(OTHER), now=clock.now())

    assert _verdict(store, claim) is Verdict.ENDED


def test_job_without_a_record_is_missing(store: Store) -> None:
    (answer,) = store.claim_many([a_claim(generation=1)])

    assert (answer.verdict, answer.record) == (Verdict.MISSING, None)


@pytest.mark.parametrize(
    ("new", "met"),
    [(None, Verdict.MISSING), (a_record(job_type="process_image"), Verdict.TAKEN)],
)
def test_record_of_another_job_type_is_left_alone(
    store: Store, new: Record | None, met: Verdict
) -> None:
    store.put_many([a_record()])

    verdict = _verdict(store, a_claim(job_type="process_image", new=new))

    assert verdict is met
    assert _stored(store) == a_record()


@pytest.mark.parametrize("state", [State.COMPLETED, State.FAILED, State.DISCARDED, State.CANCELLED])
def test_ended_job_is_not_run_again(store: Store, state: State) -> None:
    store.put_many([a_record(state=state)])

    (answer,) = store.claim_many([a_claim()])

    assert (answer.verdict, answer.record) == (Verdict.ENDED, a_record(state=state, body=""))


def test_message_of_an_older_generation_is_stale(store: Store) -> None:
    store.put_many([a_record(generation=2)])

    assert _verdict(store, a_claim(generation=1)) is Verdict.STALE
    assert _verdict(store, a_claim(generation=2)) is Verdict.GRANTED


def test_job_is_not_run_before_its_time(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record(state=State.SCHEDULED, run_at=clock.now() + SECOND)])

    early = _verdict(store, a_claim())
    due = _verdict(store, a_claim(now=clock.now() + SECOND))

    assert (early, due) == (Verdict.EARLY, Verdict.GRANTED)


def test_pending_job_is_run_whatever_its_producers_clock_said(
    store: Store, clock: FakeClock
) -> None:
    store.put_many([a_record(run_at=clock.now() + 3600 * SECOND)])

    assert _verdict(store, a_claim()) is Verdict.GRANTED


@pytest.mark.parametrize("state", [State.PENDING, State.PROCESSING, State.COMPLETED])
def test_new_job_under_the_id_of_another_leaves_that_one_alone(store: Store, state: State) -> None:
    store.put_many([a_record(state=state)])

    verdict = _verdict(store, a_claim(new=a_record(digest="1" * 64)))

    assert verdict is Verdict.TAKEN
    assert _stored(store) == a_record(state=state)


def test_running_job_is_left_alone(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record()])
    store.claim_many([a_claim(lease=a_lease(until=clock.now() + MINUTE))])

    second = a_claim(lease=a_lease(OTHER), now=clock.now() + MINUTE - SECOND)

    assert _verdict(store, second) is Verdict.LEASED


def _died(store: Store, clock: FakeClock, *, alone: bool, attempt: int = 0) -> Claim:
    """A job whose attempt's lease ran out, and a claim that finds it."""
    store.put_many([a_record(attempt=attempt)])
    store.claim_many([a_claim(lease=a_lease(alone=alone, until=clock.now() + MINUTE))])
    late = clock.now() + MINUTE
    return a_claim(lease=a_lease(OTHER, until=late + MINUTE, alone=True), now=late)


def test_dead_attempt_is_taken_over_only_alone(store: Store, clock: FakeClock) -> None:
    alone = _died(store, clock, alone=True)
    in_company = replace(alone, lease=replace(alone.lease, alone=False))

    crashed = _verdict(store, in_company)
    granted = _verdict(store, alone)

    assert (crashed, granted) == (Verdict.CRASHED, Verdict.GRANTED)
    assert _stored(store).attempt == 2
    assert _stored(store).lease == alone.lease


def test_running_job_that_nobody_holds_is_taken(store: Store) -> None:
    store.put_many([a_record(state=State.PROCESSING, attempt=1)])

    assert _verdict(store, a_claim()) is Verdict.GRANTED
    assert _stored(store).attempt == 2


def test_attempt_that_died_in_company_is_not_counted(store: Store, clock: FakeClock) -> None:
    claim = _died(store, clock, alone=False)

    verdict = _verdict(store, claim)

    assert verdict is Verdict.GRANTED
    assert _stored(store).attempt == 1


def test_last_attempt_that_died_alone_exhausts_the_job(store: Store, clock: FakeClock) -> None:
    claim = _died(store, clock, alone=True, attempt=2)

    (answer,) = store.claim_many([claim])

    assert answer.verdict is Verdict.EXHAUSTED
    assert answer.record
    assert answer.record.attempt == 3


def test_last_attempt_that_died_in_company_runs_again(store: Store, clock: FakeClock) -> None:
    claim = _died(store, clock, alone=False, attempt=2)

    assert _verdict(store, claim) is Verdict.GRANTED
    assert _stored(store).attempt == 3


def test_takeover_shuts_out_the_attempt_before(store: Store, clock: FakeClock) -> None:
    claim = _died(store, clock, alone=True)
    store.claim_many([claim])

    assert store.finish_many([a_finish()]) == [False]
    assert store.finish_many([a_finish(token=OTHER)]) == [True]


def test_each_claim_of_many_gets_its_own_verdict(store: Store, clock: FakeClock) -> None:
    later = a_record("job-2", state=State.SCHEDULED, run_at=clock.now() + SECOND)
    store.put_many([a_record(), later])

    answers = store.claim_many([a_claim("nobody"), a_claim("job-2"), a_claim("job-1")])

    verdicts = [answer.verdict for answer in answers]
    assert verdicts == [Verdict.MISSING, Verdict.EARLY, Verdict.GRANTED]
