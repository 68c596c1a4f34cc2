"""Jobs whose attempt died, where the job type does not simply run them again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.morgue import Morgue
from workerless import Hooks, OnUnknownOutcome, State
from workerless.errors import JobStateError

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
