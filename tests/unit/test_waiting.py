"""Waiting in coroutines, and for many jobs at once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.unit.execution.approving import EXPENSE, Approval, Expense, Office
from workerless import JobType, Payload, State, Tracking
from workerless.errors import JobNotFoundError, WaitTimeoutError
from workerless.record import Record
from workerless.testing.stage import InMemoryStage
from workerless.waiting import wait_all
from workerless.worker import worker

SECOND = timedelta(seconds=1)


class Number(Payload):
    """A number to be looked at."""

    number: int


NUMBER = JobType(name="number", payload=Number, batch_size=10)


def look(_: Number) -> None:
    """As quick as can be."""


def test_coroutine_waits_for_the_end_of_a_job() -> None:
    with InMemoryStage(worker(NUMBER)(look)) as stage:
        job = stage.client.enqueue(NUMBER, Number(number=1), delay=SECOND)

        status = asyncio.run(job.wait_async())

        assert status.state is State.COMPLETED


def test_coroutine_waits_no_longer_than_it_may() -> None:
    with InMemoryStage(NUMBER) as stage:
        job = stage.client.enqueue(NUMBER, Number(number=1))
        began = stage.clock.now()

        with pytest.raises(WaitTimeoutError, match="is pending after 0:00:10; it goes on"):
            asyncio.run(job.wait_async(10 * SECOND))

        assert stage.clock.now() - began == 10 * SECOND


def test_all_are_waited_for_in_their_order_and_looked_at_together() -> None:
    looks: list[int] = []
    with InMemoryStage(worker(NUMBER)(look)) as stage:
        delays = [3, 1, 2]
        jobs = [stage.client.enqueue(NUMBER, Number(number=n), delay=n * SECOND) for n in delays]
        get_many = stage.doubles.store.get_many

        def counted(job_ids: Sequence[str]) -> list[Record | None]:
            looks.append(len(job_ids))
            return get_many(job_ids)

        stage.doubles.store.get_many = counted  # type: ignore[method-assign]
        statuses = wait_all([*jobs, jobs[0]])

    assert [status.data and status.data["number"] for status in statuses] == [3, 1, 2, 3]
    assert {status.state for status in statuses} == {State.COMPLETED}
    assert looks[0] == 3
    assert 2 in looks  # who has ended is not asked for again


def test_some_have_not_ended_in_time() -> None:
    office = Office()
    with office.stage as stage:
        jobs = [stage.client.enqueue(EXPENSE, Expense(of=name)) for name in ("ada", "bob")]
        stage.drain()
        jobs[0].send_event("approved", Approval(by="grace"))

        with pytest.raises(WaitTimeoutError, match="1 of 2 jobs have not ended after 0:00:05"):
            wait_all(jobs, 5 * SECOND)


def test_nobody_is_waited_for_at_once() -> None:
    assert wait_all([]) == []


def test_untracked_jobs_cannot_be_waited_for() -> None:
    untracked = JobType(name="loose", payload=Number, tracking=Tracking.OFF)
    with InMemoryStage(untracked) as stage:
        job = stage.client.enqueue(untracked, Number(number=1))

        with pytest.raises(JobNotFoundError, match="tracking of loose is off"):
            wait_all([job])
        with pytest.raises(JobNotFoundError, match="tracking of loose is off"):
            asyncio.run(job.wait_async())
