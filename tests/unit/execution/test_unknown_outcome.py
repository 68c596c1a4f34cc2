"""Jobs whose attempt died, where the job type does not simply run them again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.morgue import Morgue
from tests.unit.execution.test_faults import Wrapped
from workerless import Hooks, JobType, OnUnknownOutcome, State
from workerless.errors import JobStateError, StoreUnavailableError
from workerless.ports import Claimed
from workerless.transition import Claim

HOLD = replace(TASK, batch_size=1, on_unknown_outcome=OnUnknownOutcome.HOLD)
FAIL = replace(TASK, batch_size=1, on_unknown_outcome=OnUnknownOutcome.FAIL)


@pytest.fixture
def held(make_bench: Callable[..., Bench]) -> Morgue:
    """A job whose process died, found by whoever got its message next."""
    morgue = Morgue(make_bench(job_type=HOLD))
    morgue.enqueue("die")
    morgue.drain()
    return morgue


def test_job_is_held_without_another_start(held: Morgue) -> None:
    status = held.bench.client.job("job-1").status()

    assert (status.state, status.failed_reason, status.attempt) == (
        State.HELD,
        "unknown_outcome",
        0,
    )
    assert held.telemetry.starts("job-1") == [1]
    assert "ended without a word" in status.errors[-1].message
    assert held.bench.dead_letters() == []
    assert held.bench.next_due_at() is None
    assert "job.held" in held.bench.events()


def test_held_job_is_listed(held: Morgue) -> None:
    (found,) = held.bench.client.list("task", State.HELD).records

    assert found.job_id == "job-1"


def test_promoted_job_runs_with_all_its_attempts(held: Morgue) -> None:
    held.telemetry.killers.clear()

    held.bench.client.promote("job-1")
    held.bench.drain()

    status = held.bench.client.job("job-1").status()
    assert (status.state, status.failed_reason) == (State.COMPLETED, None)
    assert held.telemetry.starts("job-1") == [1, 1]


def test_held_job_may_be_rescheduled_for_later(held: Morgue) -> None:
    held.telemetry.killers.clear()
    held.bench.client.reschedule("job-1", timedelta(days=2))

    held.bench.drain()

    assert held.bench.client.job("job-1").status().state is State.COMPLETED


def test_held_job_may_be_cancelled(held: Morgue) -> None:
    job = held.bench.client.job("job-1")

    job.cancel()

    assert job.status().state is State.CANCELLED
    with pytest.raises(JobStateError):
        held.bench.client.promote("job-1")


def test_another_message_of_a_held_job_is_let_go(held: Morgue) -> None:
    held.bench.send(held.bench.record("job-1").body)

    assert held.bench.deliver() == []
    assert held.bench.record("job-1").state is State.HELD


def test_attempt_that_only_slept_cannot_undo_what_was_said_of_it(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(job_type=HOLD)
    other = make_bench(job_type=HOLD)
    other.store, other.queue, other.clock = bench.store, bench.queue, bench.clock

    def sleeps(_task: Task) -> Done:
        bench.clock.advance(HOLD.visibility_timeout + timedelta(seconds=60))
        assert other.deliver() == []
        return Done(text="late")

    bench.handle(sleeps)
    other.handle(sleeps)
    job = bench.client.enqueue(HOLD, Task())

    assert len(bench.deliver()) == 1
    assert job.status().state is State.HELD
    assert job.status().result is None


def test_job_fails_where_its_type_says_so(make_bench: Callable[..., Bench]) -> None:
    told: list[str] = []
    hooks = Hooks(on_failed=lambda _job, reason, _error: told.append(reason))
    morgue = Morgue(make_bench(job_type=FAIL), hooks=[hooks])
    (job,) = morgue.enqueue("die")

    morgue.drain()

    assert job.status().state is State.FAILED
    assert morgue.telemetry.starts(job.id) == [1]
    (letter,) = morgue.bench.dead_letters()
    assert letter.attributes["reason"] == "unknown_outcome"
    assert told == ["unknown_outcome"]


@pytest.mark.parametrize("job_type", [HOLD, FAIL], ids=["hold", "fail"])
def test_claim_that_was_not_heard_of_does_not_end_its_job(
    make_bench: Callable[..., Bench], job_type: JobType[Task, Done]
) -> None:
    """It is asked again under its token, and finds itself."""
    bench = make_bench(job_type=job_type)
    bench.handle(lambda task: Done(text=task.text))
    job = bench.client.enqueue(job_type, Task())
    calls = count(1)

    def silent_once(claims: Sequence[Claim]) -> list[Claimed]:
        answers = bench.store.claim_many(claims)
        if next(calls) == 1:
            raise StoreUnavailableError("the answer was lost")
        return answers

    bench.deliver(store=Wrapped(bench.store, claim_many=silent_once))

    assert (job.status().state, job.status().attempt) == (State.COMPLETED, 1)


def test_error_that_is_raised_is_no_unknown_outcome(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(job_type=HOLD)
    starts: list[int] = []

    def raises(_task: Task) -> Done:
        starts.append(1)
        raise RuntimeError("known")

    bench.handle(raises)
    job = bench.client.enqueue(HOLD, Task())
    bench.drain()

    assert (job.status().failed_reason, len(starts)) == ("attempts_exhausted", 3)
