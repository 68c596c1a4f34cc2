"""The same calls in any order get the same answers from both stores, and leave the same records."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workerless.aws.dynamodb import DynamoStore
from workerless.errors import JobNotFoundError
from workerless.ports import Store
from workerless.record import Progress, Record
from workerless.states import State
from workerless.testing.memory import FakeClock, InMemoryStore
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record, an_error

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SECOND = timedelta(seconds=1)

# Few ids, tokens and moments, so that calls meet each other.
jobs = st.sampled_from(["a", "b"])
tokens = st.sampled_from(["t1", "t2", "t3"])
moments = st.integers(0, 6)
bodies = st.sampled_from(["", "small", "x" * 2_000])
reasons = st.one_of(st.none(), st.just("because"))
records = st.fixed_dictionaries(
    {
        "state": st.sampled_from(State),
        "digest": st.sampled_from(["d1", "d2"]),
        "body": bodies,
        "attempt": st.integers(0, 3),
        "generation": st.integers(1, 2),
        "run_at": moments,
        "expires_at": st.one_of(st.none(), moments),
        "errors": st.integers(0, 5).map(lambda n: tuple(an_error(k) for k in range(n))),
    }
)
calls = st.one_of(
    st.tuples(st.just("advance"), st.integers(1, 3)),
    st.tuples(st.just("put"), jobs, records),
    st.tuples(
        st.just("claim"),
        jobs,
        tokens,
        moments,
        st.booleans(),
        st.sampled_from([None, 1, 2]),
        st.one_of(st.none(), bodies),
    ),
    st.tuples(
        st.just("finish"),
        jobs,
        tokens,
        st.sampled_from(
            [State.COMPLETED, State.FAILED, State.DISCARDED, State.RETRYING, State.SCHEDULED]
        ),
        st.one_of(st.none(), moments),
        st.booleans(),
        reasons,
    ),
    st.tuples(st.just("progress"), jobs, tokens, st.integers(0, 100)),
    st.tuples(st.just("cancel"), jobs),
)


def _apply(store: Store, clock: FakeClock, prefix: str, call: tuple[Any, ...]) -> object:
    now, start = clock.now(), a_record().enqueued_at
    match call:
        case ("put", job, fields):
            return store.put_many([_record(prefix + job, fields)])
        case ("claim", job, token, until, alone, generation, body):
            lease = a_lease(token, until=start + until * SECOND, alone=alone)
            new = None if body is None else a_record(prefix + job, body=body)
            claim = a_claim(prefix + job, lease=lease, now=now, generation=generation, new=new)
            return store.claim_many([claim])
        case ("finish", job, token, state, run_at, refund, reason):
            later = None if run_at is None else start + run_at * SECOND
            ends = now + 2 * SECOND if state.is_terminal else None
            finish = a_finish(
                prefix + job,
                token=token,
                state=state,
                at=now,
                run_at=later,
                refund=refund,
                reason=reason,
                error=an_error(9) if reason else None,
                expires_at=ends,
            )
            return store.finish_many([finish])
        case ("progress", job, token, percent):
            return store.progress(prefix + job, token, Progress(percent=percent), now)
        case ("cancel", job):
            try:
                return store.cancel(prefix + job, at=now, reason="no", expires_at=now + 2 * SECOND)
            except JobNotFoundError:
                return JobNotFoundError
    raise AssertionError(call)


def _record(job_id: str, fields: dict[str, Any]) -> Record:
    start = a_record().enqueued_at
    times = {
        name: None if fields[name] is None else start + fields[name] * SECOND
        for name in ("run_at", "expires_at")
    }
    lease = a_lease("t1", until=start + SECOND) if fields["state"] is State.PROCESSING else None
    return a_record(job_id, **{**fields, **times, "lease": lease})


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(script=st.lists(calls, max_size=25))
def test_both_stores_give_the_same_answers(
    dynamodb: "DynamoDBClient", table: str, script: list[tuple[Any, ...]]
) -> None:
    prefix = f"{uuid.uuid4()}-"  # one table for all examples
    clock = FakeClock()
    memory, dynamo = InMemoryStore(clock), DynamoStore(dynamodb, table, clock)

    for call in script:
        if call[0] == "advance":
            clock.advance(call[1] * SECOND)
        else:
            assert _apply(dynamo, clock, prefix, call) == _apply(memory, clock, prefix, call)
        ids = [prefix + "a", prefix + "b"]
        assert dynamo.get_many(ids) == memory.get_many(ids)
