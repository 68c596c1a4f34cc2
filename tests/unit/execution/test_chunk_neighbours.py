"""What one job of a chunk does is none of the others' business."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.unit.execution.approving import Approval
from tests.unit.execution.indexing import INDEX, QUIET, SECOND, Index, Page, enqueued
from workerless import State
from workerless.chunks import chunk_worker
from workerless.execution.context import JobContext
from workerless.signals import EventAwaited, JobCancelled
from workerless.testing.stage import InMemoryStage


def waiting(answer: Callable[[EventAwaited], BaseException | None]) -> Callable[..., Any]:
    """A handler whose first job waits for somebody's word; ``answer`` says how it tells so."""

    def wait(pages: Sequence[Page], jobs: Sequence[JobContext]) -> Sequence[BaseException | None]:
        given: list[BaseException | None] = []
        for page, job in zip(pages, jobs, strict=True):
            try:
                if page.number == 0:
                    job.wait_for("approved", Approval, timeout=60 * SECOND)
                given.append(None)
            except EventAwaited as waits:
                given.append(answer(waits))
        return given

    return wait


def raised(error: BaseException) -> BaseException:
    raise error


@pytest.mark.parametrize("answer", [lambda waits: waits, raised])
def test_job_that_waits_for_an_event_holds_up_no_other(
    answer: Callable[[EventAwaited], BaseException | None],
) -> None:
    with InMemoryStage(chunk_worker(QUIET)(waiting(answer))) as stage:
        jobs = enqueued(stage, 3, QUIET)
        stage.drain()
        states = [job.status().state for job in jobs]
        jobs[0].send_event("approved", Approval(by="grace"))
        stage.drain()

        assert states == [State.SCHEDULED, State.COMPLETED, State.COMPLETED]
        assert [job.status().attempt for job in jobs] == [1, 1, 1]
        assert jobs[0].status().state is State.COMPLETED


def test_job_that_is_called_off_takes_no_other_along() -> None:
    def heed(pages: Sequence[Page], contexts: Sequence[JobContext]) -> None:
        for page, job in zip(pages, contexts, strict=True):
            if page.number == 1 and not called_off:
                called_off.append(stage.client.job(job.job_id).cancel("enough"))
            job.raise_if_cancelled()

    called_off: list[bool] = []
    with InMemoryStage(chunk_worker(QUIET)(heed)) as stage:
        jobs = enqueued(stage, 3, QUIET)
        stage.drain()

        assert [job.status().state for job in jobs] == [
            State.COMPLETED,
            State.CANCELLED,
            State.COMPLETED,
        ]
        assert [job.status().attempt for job in jobs] == [1, 1, 1]


def test_signal_of_nobody_in_the_chunk_ends_nobody() -> None:
    calls: list[int] = []

    def stray(pages: Sequence[Page]) -> None:
        calls.append(len(pages))
        if len(calls) == 1:
            raise JobCancelled("some other job's")

    with InMemoryStage(chunk_worker(QUIET)(stray)) as stage:
        jobs = enqueued(stage, 2, QUIET)
        stage.drain()

        assert {job.status().state for job in jobs} == {State.COMPLETED}


def test_job_that_kills_its_process_takes_its_neighbours_down_once() -> None:
    index = Index()
    with InMemoryStage(chunk_worker(INDEX)(index.add)) as stage:
        jobs = enqueued(stage, 3)
        stage.crash_next(INDEX)
        stage.run_all()

        assert {job.status().state for job in jobs} == {State.COMPLETED}
        assert index.chunks[0] == [0, 1, 2]
        assert sorted(index.chunks[1:]) == [[0], [1], [2]]
