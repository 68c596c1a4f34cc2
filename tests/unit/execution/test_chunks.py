"""Handlers that take several jobs at once: one call, and each job its own end."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import pytest

from tests.unit.execution.indexing import INDEX, QUIET, SECOND, Index, Indexed, Page, enqueued
from workerless import (
    Discard,
    Fail,
    JobType,
    RateLimit,
    Snooze,
    State,
)
from workerless.chunks import chunk_worker
from workerless.errors import DeclarationError
from workerless.execution.context import JobContext
from workerless.testing.stage import InMemoryStage


def test_jobs_of_a_batch_are_one_call_and_have_a_result_each() -> None:
    index = Index()
    with InMemoryStage(chunk_worker(INDEX)(index.add)) as stage:
        jobs = enqueued(stage, 5)
        outcomes = stage.drain()

        assert index.chunks == [[0, 1, 2, 3, 4]]
        assert outcomes.completed == 5
        results = [job.status().result for job in jobs]
        assert [result and result.name for result in results] == [f"page-{n}" for n in range(5)]


def test_each_job_ends_as_is_said_of_it() -> None:
    index = Index()
    index.answers = {
        0: ValueError("not now"),
        1: Snooze(10 * SECOND),
        2: Discard("gone"),
        3: Fail("never"),
        4: "no result",
    }
    with InMemoryStage(chunk_worker(INDEX)(index.add)) as stage:
        jobs = enqueued(stage, 6)
        stage.drain()
        states = [job.status().state for job in jobs]
        stage.run_all()

        assert states == [
            State.RETRYING,
            State.SCHEDULED,
            State.DISCARDED,
            State.FAILED,
            State.FAILED,
            State.COMPLETED,
        ]
        assert index.chunks == [[0, 1, 2, 3, 4, 5], [0, 1]]
        assert [job.status().attempt for job in jobs[:2]] == [2, 1]
        assert jobs[4].status().failed_reason == "invalid_result"


def test_what_the_handler_raises_each_job_has_raised() -> None:
    calls: list[int] = []

    def down(pages: Sequence[Page]) -> None:
        calls.append(len(pages))
        if len(calls) == 1:
            raise ConnectionError

    with InMemoryStage(chunk_worker(QUIET)(down)) as stage:
        jobs = enqueued(stage, 3, QUIET)
        stage.run_all()

        assert calls == [3, 3]
        assert {job.status().attempt for job in jobs} == {2}


@pytest.mark.parametrize("given", [None, [], [Indexed(name="x")], "abc", {1: 2, 3: 4}])
def test_list_that_fits_nobody_fails_all_unrepeated(given: Any) -> None:
    def odd(pages: Sequence[Page]) -> Any:
        return given

    with InMemoryStage(chunk_worker(INDEX)(odd)) as stage:
        jobs = enqueued(stage, 2)
        stage.run_all()

        assert {job.status().failed_reason for job in jobs} == {"invalid_result"}
        message = jobs[0].status().errors[0].message
        assert "a list with a result or an exception for each of 2 jobs" in message


def test_coroutine_may_give_what_gather_does() -> None:
    async def one(page: Page) -> Indexed:
        await asyncio.sleep(0)
        if page.number == 1:
            raise ValueError
        return Indexed(name=str(page.number))

    async def every(pages: Sequence[Page]) -> list[Indexed | BaseException]:
        return await asyncio.gather(*(one(page) for page in pages), return_exceptions=True)

    with InMemoryStage(chunk_worker(INDEX)(every)) as stage:
        jobs = enqueued(stage, 3)
        stage.drain()

        assert [job.status().state for job in jobs] == [
            State.COMPLETED,
            State.RETRYING,
            State.COMPLETED,
        ]


def test_coroutine_that_raises_raises_for_all() -> None:
    async def down(pages: Sequence[Page]) -> None:
        raise ConnectionError

    with InMemoryStage(chunk_worker(QUIET)(down)) as stage:
        jobs = enqueued(stage, 2, QUIET)
        stage.drain()

        assert {job.status().state for job in jobs} == {State.RETRYING}


def test_each_job_has_a_context_of_its_own() -> None:
    numbers: list[int] = []

    def noted(pages: Sequence[Page], jobs: Sequence[JobContext]) -> None:
        for page, job in zip(pages, jobs, strict=True):
            job.progress(page.number)
            numbers.append(job.once("number", partial(getattr, page, "number")))

    with InMemoryStage(chunk_worker(QUIET)(noted)) as stage:
        jobs = enqueued(stage, 3, QUIET)
        stage.drain()

        told = [job.status().progress for job in jobs]
        assert [progress and progress.percent for progress in told] == [0, 1, 2]
        assert numbers == [0, 1, 2]


def test_who_has_to_wait_for_a_slot_is_in_a_later_chunk() -> None:
    index = Index()
    slow = JobType(
        name="index",
        payload=Page,
        result=Indexed,
        batch_size=10,
        rate_limits=(RateLimit(2, per=SECOND),),
    )
    starts: list[float] = []

    def timed(pages: Sequence[Page]) -> list[Indexed | BaseException]:
        starts.extend([stage.clock.now().timestamp()] * len(pages))
        return index.add(pages)

    with InMemoryStage(chunk_worker(slow)(timed)) as stage:
        jobs = enqueued(stage, 6, slow)
        stage.run_all()

        assert {job.status().state for job in jobs} == {State.COMPLETED}
        assert len(index.chunks) > 1
        for at in starts:
            assert sum(at <= other < at + 1 for other in starts) <= 2


def test_chunk_needs_time_for_one_call() -> None:
    index = Index()
    with InMemoryStage(chunk_worker(INDEX)(index.add)) as stage:
        enqueued(stage, 3)
        doubles = stage.doubles
        made = chunk_worker(INDEX)(index.add)
        records = doubles.queue.deliver(doubles.directory.find("index").queue, 10)

        answer = made.run(records, doubles.ports("index"), INDEX.timeout)

        assert len(answer["batchItemFailures"]) == 3
        assert index.chunks == []


@pytest.mark.parametrize(
    ("job_type", "perform", "said"),
    [
        (JobType(name="one", payload=Page), lambda pages: None, "batch_size must be above 1"),
        (
            JobType(name="long", payload=Page, cursor=int, batch_size=2),
            lambda pages: None,
            "cursor must be None",
        ),
        (QUIET, lambda: None, "must take \\(payloads\\) or \\(payloads, jobs\\)"),
    ],
)
def test_what_cannot_be_is_refused(job_type: JobType[Any, Any], perform: Any, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        cast("Any", chunk_worker(job_type))(perform)
