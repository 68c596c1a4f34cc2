"""job.once through the whole pipeline: retries, deaths, attempts that were taken over."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import LeaseLost, State
from workerless.execution.context import JobContext


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def test_step_that_was_done_is_not_repeated_by_the_retry(bench: Bench) -> None:
    charges: list[str] = []

    def charge_card() -> str:
        charges.append("card")
        return f"charge-{len(charges)}"

    def perform(_task: Task, job: JobContext) -> Done:
        charge = job.once("charge", charge_card)
        if job.attempt < 3:
            raise RuntimeError("the warehouse is closed")
        return Done(text=charge)

    bench.handle(perform)
    job = bench.client.enqueue(TASK, Task())
    bench.drain()

    status = job.status()
    assert (status.state, status.result, status.attempt) == (
        State.COMPLETED,
        Done(text="charge-1"),
        3,
    )
    assert charges == ["card"]


def test_steps_of_a_coroutine(bench: Bench) -> None:
    charges: list[int] = []

    async def charge() -> int:
        await asyncio.sleep(0)
        charges.append(1)
        return len(charges)

    async def perform(_task: Task, job: JobContext) -> Done:
        number = await job.once_async("charge", charge)
        if job.attempt == 1:
            raise RuntimeError("not yet")
        return Done(text=str(number))

    bench.handle(perform)
    job = bench.client.enqueue(TASK, Task())
    bench.drain()

    assert job.status().result == Done(text="1")
    assert charges == [1]


def test_attempt_that_was_taken_over_keeps_no_step(bench: Bench) -> None:
    other = Bench(job_type=bench.job_type, clock=bench.clock)
    other.store, other.queue = bench.store, bench.queue
    stopped: list[BaseException] = []

    def sleeps_through_its_lease(_task: Task, job: JobContext) -> Done:
        bench.clock.advance(TASK.visibility_timeout + timedelta(seconds=60))
        other.deliver()
        try:
            job.once("charge", lambda: "the sleeper's")
        except LeaseLost as error:
            stopped.append(error)
            raise
        return Done(text="the sleeper's")

    bench.handle(sleeps_through_its_lease)
    other.handle(lambda _task, job: Done(text=job.once("charge", lambda: "the newer's")))
    job = bench.client.enqueue(TASK, Task())

    kept = bench.deliver()

    record = bench.record(job.id)
    assert (len(kept), len(stopped)) == (1, 1)
    assert (record.state, dict(record.steps)) == (State.COMPLETED, {"charge": '"the newer\'s"'})
    other.close()
