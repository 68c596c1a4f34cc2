"""Batches: who is kept, who waits for time, and who runs beside whom."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import SoftTimeout, State
from workerless.execution.arrival import arrive
from workerless.execution.response import batch_response


def test_only_what_must_come_back_is_kept(bench: Bench) -> None:
    def picky(payload: Task) -> Done:
        if payload.text == "bad":
            raise ValueError
        return Done(text=payload.text)

    bench.handle(picky)
    jobs = bench.client.enqueue_many(
        bench.job_type, [Task(text=text) for text in ("good", "bad", "good")]
    )

    kept = bench.deliver()

    assert len(kept) == 1
    states = [job.status().state for job in jobs]
    assert states == [State.COMPLETED, State.RETRYING, State.COMPLETED]


def test_jobs_that_cannot_start_in_time_go_back_unspent(bench: Bench) -> None:
    runs: list[str] = []

    def slow(payload: Task) -> Done:
        runs.append(payload.text)
        bench.clock.advance(timedelta(seconds=4))
        return Done(text=payload.text)

    bench.handle(slow)
    texts = [str(number) for number in range(10)]
    jobs = bench.client.enqueue_many(bench.job_type, [Task(text=text) for text in texts])

    kept = bench.deliver()

    # 20 s in all, 5 s to be had by each job and 5 s to settle: starts at 0, 4 and 8 s.
    assert runs == ["0", "1", "2"]
    assert len(kept) == 7
    assert {job.status().attempt for job in jobs[3:]} == {0}
    assert bench.queue.next_visible_at(bench.address.queue) == bench.clock.now()
    bench.drain()
    assert runs == texts
    assert {job.status().attempt for job in jobs} == {1}


def test_invocation_without_time_claims_nothing(bench: Bench) -> None:
    bench.handle(lambda payload: Done(text=payload.text))
    job = bench.client.enqueue(bench.job_type, Task())

    kept = bench.deliver(time_left=timedelta(seconds=9))

    assert len(kept) == 1
    assert job.status().state is State.PENDING
    assert bench.events() == ["job.deferred"]


def test_async_jobs_of_a_batch_run_together(bench: Bench) -> None:
    running: set[str] = set()
    together: list[int] = []

    async def overlaps(payload: Task) -> Done:
        running.add(payload.text)
        await asyncio.sleep(0)
        together.append(len(running))
        return Done(text=payload.text)

    bench.handle(overlaps)
    bench.client.enqueue_many(bench.job_type, [Task(text=str(number)) for number in range(10)])

    assert bench.deliver() == []

    assert together == [10] * 10


@pytest.mark.parametrize("error", [ValueError(), SystemExit(1), KeyboardInterrupt()])
def test_async_job_that_raises_leaves_its_neighbours_alone(
    bench: Bench, error: BaseException
) -> None:
    async def picky(payload: Task) -> Done:
        await asyncio.sleep(0)
        if payload.text == "bad":
            raise error
        await asyncio.sleep(0)
        return Done(text=payload.text)

    bench.handle(picky)
    jobs = bench.client.enqueue_many(
        bench.job_type, [Task(text=text) for text in ("good", "bad", "good")]
    )

    bench.deliver()

    states = [job.status().state for job in jobs]
    assert states == [State.COMPLETED, State.RETRYING, State.COMPLETED]


def test_event_loop_outlives_an_invocation(bench: Bench) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def notes(payload: Task) -> Done:
        loops.append(asyncio.get_running_loop())
        return Done(text=payload.text)

    bench.handle(notes)
    for _ in range(2):
        bench.client.enqueue(bench.job_type, Task())
        bench.deliver()

    assert loops[0] is loops[1]


def test_soft_timeout_is_a_failed_attempt(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(job_type=replace(TASK, timeout=timedelta(seconds=1)))
    cleaned: list[str] = []

    def endless(_payload: Task) -> Done:
        try:
            while True:
                pass
        except SoftTimeout:
            cleaned.append("up")
            raise

    bench.handle(endless)
    job = bench.client.enqueue(bench.job_type, Task())

    bench.deliver()

    assert cleaned == ["up"]
    assert job.status().errors[0].error_type == "SoftTimeout"
    assert job.status().state is State.RETRYING


def test_soft_timeout_of_an_async_job_leaves_its_neighbours_alone(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(job_type=replace(TASK, timeout=timedelta(seconds=1)))

    async def waits(payload: Task) -> Done:
        await asyncio.sleep(3600 if payload.text == "slow" else 0)
        return Done(text=payload.text)

    bench.handle(waits)
    jobs = bench.client.enqueue_many(
        bench.job_type, [Task(text=text) for text in ("slow", "quick")]
    )

    bench.deliver()

    assert [job.status().state for job in jobs] == [State.RETRYING, State.COMPLETED]
    assert jobs[0].status().errors[0].error_type == "SoftTimeout"


def test_response_refuses_what_lambda_would_take_for_a_failed_batch() -> None:
    with pytest.raises(ValueError, match="among those received"):
        batch_response(["a"], ["b"])
    with pytest.raises(ValueError, match="among those received"):
        batch_response(["a", ""], [""])
    assert batch_response(["a", "b"], ["b", "b"]) == {
        "batchItemFailures": [{"itemIdentifier": "b"}]
    }


def test_delivery_without_optional_attributes_is_read(bench: Bench) -> None:
    record = {"messageId": "m-1", "receiptHandle": "r", "body": '{"text": "x"}'}

    arrival = arrive(record, "task", "files")

    assert (arrival.message.job_id, arrival.receive_count, arrival.group) == ("m-1", 1, None)
