"""Laws of the protocol that hold for every record and every claim."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from workerless.record import Record
from workerless.states import State, may_become
from workerless.testing.clock import START
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record
from workerless.transition import Claim, Verdict, claimed, finished, judge, may_finish

tokens = st.sampled_from(["t1", "t2", "t3"])
instants = st.integers(0, 5).map(lambda n: START + n * timedelta(seconds=1))
leases = st.builds(a_lease, tokens, until=instants, alone=st.booleans())
records = st.builds(
    a_record,
    state=st.sampled_from(State),
    attempt=st.integers(0, 3),
    generation=st.integers(1, 2),
    run_at=instants,
    lease=st.none() | leases,
)
claims = st.builds(
    a_claim,
    lease=leases,
    now=instants,
    generation=st.none() | st.integers(1, 2),
    new=st.none() | st.builds(a_record),
)


@given(record=st.none() | records, claim=claims)
def test_claim_once_granted_is_granted_again_and_changes_nothing(
    record: Record | None, claim: Claim
) -> None:
    if judge(record, claim) is not Verdict.GRANTED:
        return
    granted = claimed(record, claim)
    if granted.state is not State.PROCESSING:
        return  # a token used before: its attempt has finished

    assert judge(granted, claim) in {Verdict.GRANTED, Verdict.STALE}
    assert claimed(granted, claim) == granted


@given(record=records, claim=claims)
def test_live_lease_is_never_taken(record: Record, claim: Claim) -> None:
    held = record.state is State.PROCESSING and record.lease and record.lease.until > claim.now
    if held and record.lease and record.lease.token != claim.lease.token:
        assert judge(record, claim) is not Verdict.GRANTED


@given(record=records, claim=claims)
def test_ended_job_is_never_granted(record: Record, claim: Claim) -> None:
    if record.state.is_terminal:
        assert judge(record, claim) in {Verdict.ENDED, Verdict.STALE}


@given(record=records, claim=claims)
def test_attempts_never_fall_and_rise_by_one(record: Record, claim: Claim) -> None:
    if judge(record, claim) is Verdict.GRANTED:
        assert claimed(record, claim).attempt - record.attempt in {0, 1}


@given(record=records, claim=claims, token=tokens)
def test_only_the_holder_may_finish(record: Record, claim: Claim, token: str) -> None:
    if judge(record, claim) is not Verdict.GRANTED:
        return
    granted = claimed(record, claim)
    if granted.state is State.PROCESSING and granted.lease:
        assert may_finish(granted, a_finish(token=token)) == (token == granted.lease.token)


@given(
    record=records,
    state=st.sampled_from([state for state in State if may_become(State.PROCESSING, state)]),
)
def test_finish_is_refused_once_it_was_written(record: Record, state: State) -> None:
    running = a_record(state=State.PROCESSING, attempt=record.attempt, lease=a_lease())
    finish = a_finish(state=state)
    if state is not State.PROCESSING:
        assert not may_finish(finished(running, finish), finish)
