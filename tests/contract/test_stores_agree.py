"""The same calls in any order get the same answers from both stores, and leave the same records."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from workerless.transition import Claim, Finish

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
ends = [State.COMPLETED, State.FAILED, State.DISCARDED, State.RETRYING, State.SCHEDULED]
puts = st.tuples(jobs, records)
claims = st.tuples(
    jobs,
    tokens,
    moments,
    st.booleans(),
    st.sampled_from([None, 1, 2]),
    st.one_of(st.none(), bodies),
)
finishes = st.tuples(
    jobs,
    tokens,
    st.sampled_from(ends),
    st.one_of(st.none(), moments),
    st.booleans(),
    reasons,
)


def _many(entries: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(entries, min_size=1, max_size=4)


calls = st.one_of(
    st.tuples(st.just("advance"), st.integers(1, 3)),
    st.tuples(st.just("put"), _many(puts)),
    st.tuples(st.just("claim"), _many(claims)),
    st.tuples(st.just("finish"), _many(finishes)),
    st.tuples(st.just("progress"), jobs, tokens, st.integers(0, 100)),
    st.tuples(st.just("cancel"), jobs),
    st.tuples(st.just("reschedule"), jobs, moments),
)


@dataclass(frozen=True, kw_only=True)
class Example:
    """Both stores ask for the same jobs; ``memory`` tells what the holder of a lease knows."""

    memory: InMemoryStore
    clock: FakeClock
    prefix: str

    def apply(self, store: Store, call: tuple[Any, ...]) -> object:
        now, start = self.clock.now(), a_record().enqueued_at
        match call:
            case ("put", entries):
                return store.put_many([_record(self.prefix + job, of) for job, of in entries])
            case ("claim", entries):
                return store.claim_many([self.claim(entry) for entry in entries])
            case ("progress", job, token, percent):
                return store.progress(self.prefix + job, token, Progress(percent=percent), now)
            case ("cancel", job):
                ends = now + 2 * SECOND
                return _found(
                    lambda: store.cancel(self.prefix + job, at=now, reason="no", expires_at=ends)
                )
            case ("reschedule", job, moment):
                run_at = start + moment * SECOND
                return _found(lambda: store.reschedule(self.prefix + job, run_at=run_at, at=now))
        raise AssertionError(call)

    def claim(self, drawn: tuple[Any, ...]) -> Claim:
        job, token, until, alone, generation, body = drawn
        start = a_record().enqueued_at
        return a_claim(
            self.prefix + job,
            lease=a_lease(token, until=start + until * SECOND, alone=alone),
            now=self.clock.now(),
            generation=generation,
            new=None if body is None else a_record(self.prefix + job, body=body),
        )

    def finish(self, drawn: tuple[Any, ...]) -> Finish:
        job, token, state, run_at, refund, reason = drawn
        now = self.clock.now()
        # Who holds a lease knows the record, even where nobody else can read it any more.
        record = self.memory._records.get(self.prefix + job)  # noqa: SLF001
        is_held = record is not None and record.state is State.PROCESSING
        return a_finish(
            self.prefix + job,
            token=token,
            held=replace(record, lease=a_lease(token)) if record and is_held else None,
            state=state,
            at=now,
            run_at=None if run_at is None else a_record().enqueued_at + run_at * SECOND,
            refund=refund,
            reason=reason,
            error=an_error(9) if reason else None,
            expires_at=now + 2 * SECOND if state.is_terminal else None,
        )


def _found(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except JobNotFoundError:
        return JobNotFoundError


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
    example = Example(memory=memory, clock=clock, prefix=prefix)

    for call in script:
        if call[0] == "advance":
            clock.advance(call[1] * SECOND)
        elif call[0] == "finish":
            finishes = [example.finish(entry) for entry in call[1]]
            assert dynamo.finish_many(finishes) == memory.finish_many(finishes)
        else:
            assert example.apply(dynamo, call) == example.apply(memory, call)
        ids = [prefix + "a", prefix + "b"]
        assert dynamo.get_many(ids) == memory.get_many(ids)
