"""What an async handler may do to its tasks and its loop without hurting its neighbours."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Never

import pytest

from tests.unit.execution.bench import Bench, Done, Task
from tests.unit.execution.test_faults import Wrapped
from workerless import State
from workerless.ports import Claimed
from workerless.transition import Claim


async def _cancels_itself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


async def _cancels_itself_and_waits() -> None:
    await _cancels_itself()
    await asyncio.sleep(0)


async def _cancels_everybody() -> None:
    await asyncio.sleep(0)
    for task in asyncio.all_tasks():
        task.cancel()
    await asyncio.sleep(0)


async def _exits() -> Never:
    sys.exit(1)


async def _exits_in_a_task() -> None:
    await asyncio.create_task(_exits())


async def _exits_in_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_exits())


@pytest.mark.parametrize(
    "deed",
    [
        _cancels_itself,
        _cancels_itself_and_waits,
        _exits_in_a_task,
        _exits_in_a_group,
    ],
)
def test_what_a_handler_does_to_its_tasks_concerns_its_job_only(
    bench: Bench, deed: Callable[[], "asyncio.Future[None]"]
) -> None:
    async def picky(payload: Task) -> Done:
        if payload.text == "bad":
            await deed()
        for _ in range(5):
            await asyncio.sleep(0)
        return Done(text=payload.text)

    bench.handle(picky)
    jobs = bench.client.enqueue_many(
        bench.job_type, [Task(text=text) for text in ("good", "bad", "good")]
    )

    bench.deliver()

    states = [job.status().state for job in jobs]
    assert states == [State.COMPLETED, State.RETRYING, State.COMPLETED]


def test_cancellation_that_nobody_awaited_does_not_undo_a_completed_job(bench: Bench) -> None:
    async def cancels_and_returns(payload: Task) -> Done:
        await _cancels_itself()
        return Done(text=payload.text)

    bench.handle(cancels_and_returns)
    jobs = bench.client.enqueue_many(bench.job_type, [Task(), Task()])

    assert bench.deliver() == []

    assert [job.status().state for job in jobs] == [State.COMPLETED, State.COMPLETED]


def test_handler_that_cancels_every_task_ends_its_batch_but_not_its_worker(bench: Bench) -> None:
    async def tyrant(payload: Task) -> Done:
        if payload.text == "bad":
            await _cancels_everybody()
        for _ in range(5):
            await asyncio.sleep(0)
        return Done(text=payload.text)

    bench.handle(tyrant)
    jobs = bench.client.enqueue_many(
        bench.job_type, [Task(text=text) for text in ("good", "bad", "good")]
    )

    kept = bench.deliver()

    assert len(kept) == 3
    assert {job.status().state for job in jobs} == {State.RETRYING}


def test_async_jobs_start_only_while_there_is_time_for_all_of_their_timeout(bench: Bench) -> None:
    ran: list[str] = []

    async def notes(payload: Task) -> Done:
        ran.append(payload.text)
        return Done(text=payload.text)

    def slow(claims: Sequence[Claim]) -> list[Claimed]:
        bench.clock.advance(timedelta(seconds=12))  # of 20 s; a table short of capacity
        return bench.store.claim_many(claims)

    bench.handle(notes)
    jobs = bench.client.enqueue_many(bench.job_type, [Task(), Task()])

    bench.deliver(store=Wrapped(bench.store, claim_many=slow))

    assert ran == []
    assert {job.status().attempt for job in jobs} == {0}
