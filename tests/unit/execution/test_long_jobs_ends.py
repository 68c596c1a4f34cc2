"""What stays with a job that goes on, and what may end it in between."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.execution.bench import Bench, Done, Task
from tests.unit.execution.test_long_jobs import LONG, counting_to
from workerless import Continue, SoftTimeout, State
from workerless.execution.context import JobContext
from workerless.testing.memory import FakeClock


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(job_type=LONG)
    yield bench
    bench.close()


def test_progress_steps_and_errors_stay_while_the_job_goes_on(bench: Bench) -> None:
    def perform(_task: Task, job: JobContext[int]) -> Done:
        order = job.once("order", lambda: "order-1")
        place = job.cursor or 0
        job.progress(place * 25, f"at {place}")
        if place == 2:
            raise RuntimeError("unwell") if not job.once("unwell", lambda: place) else Continue(3)
        if place < 4:
            raise Continue(place + 1)
        return Done(text=order)

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    status = job.status()
    assert status.result == Done(text="order-1")
    assert status.progress
    assert status.progress.percent == 100


def test_job_that_is_called_off_between_two_invocations_ends_there(bench: Bench) -> None:
    seen: list[int] = []
    bench.handle(counting_to(10, bench, seen))
    job = bench.client.enqueue(LONG, Task())
    bench.deliver()

    job.cancel()
    bench.drain()

    assert job.status().state is State.CANCELLED
    assert seen == [0, 1, 2, 3]


def test_job_that_is_called_off_while_it_runs_ends_at_its_next_checkpoint(bench: Bench) -> None:
    seen: list[int] = []

    def perform(_task: Task, job: JobContext[int]) -> Done:
        bench.client.job(job.job_id).cancel()
        counting_to(10, bench, seen, took=timedelta(seconds=2))(_task, job)
        raise AssertionError("not reached")

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    assert job.status().state is State.CANCELLED
    assert len(seen) <= 3


@pytest.mark.parametrize("hours", [1, 30])
def test_time_to_retry_in_counts_from_the_last_progress(hours: int) -> None:
    clock = FakeClock()
    bench = Bench(job_type=replace(LONG, retry_within=timedelta(minutes=30)), clock=clock)

    def perform(_task: Task, job: JobContext[int]) -> Done:
        if job.cursor is None:
            raise Continue(1)
        if job.cursor == 1:
            clock.advance(timedelta(hours=hours))
            job.checkpoint(2)
            raise RuntimeError("once")
        return Done(text="done")

    bench.handle(perform)
    job = bench.client.enqueue(bench.job_type, Task())
    bench.drain()

    assert job.status().state is State.COMPLETED
    bench.close()


def test_time_that_is_up_ends_a_job_whose_type_gives_up_on_that() -> None:
    bench = Bench(job_type=replace(LONG, give_up_on=(SoftTimeout,)))

    def perform(_task: Task, job: JobContext[int]) -> Done:
        job.checkpoint(1)
        raise SoftTimeout

    bench.handle(perform)
    job = bench.client.enqueue(bench.job_type, Task())
    bench.drain()

    assert (job.status().failed_reason, job.status().cursor) == ("gave_up", 1)
    bench.close()
