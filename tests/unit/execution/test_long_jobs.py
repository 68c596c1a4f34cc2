"""Jobs that outlast an invocation: checkpoints and Continue through the whole pipeline."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import Continue, LeaseLost, SoftTimeout, State
from workerless.errors import StoreUnavailableError
from workerless.execution.context import JobContext
from workerless.record import Checkpoint
from workerless.testing.memory import InMemoryStore

LONG = replace(TASK, cursor=int)
SECOND = timedelta(seconds=1)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(job_type=LONG)
    yield bench
    bench.close()


def counting_to(last: int, bench: Bench, seen: list[int], took: timedelta = SECOND) -> Any:
    """Deals with the numbers from its cursor on, each of which takes a while."""

    def perform(_task: Task, job: JobContext[int]) -> Done:
        for number in range(job.cursor or 0, last):
            bench.clock.advance(took)
            seen.append(number)
            job.checkpoint(number + 1)
        return Done(text=str(len(seen)))

    return perform


def test_job_goes_on_in_fresh_invocations_and_spends_no_attempt(bench: Bench) -> None:
    seen: list[int] = []
    bench.handle(counting_to(10, bench, seen))
    job = bench.client.enqueue(LONG, Task())

    invocations = bench.drain()

    status, record = job.status(), bench.record(job.id)
    assert seen == list(range(10))
    assert (status.state, status.attempt, status.errors) == (State.COMPLETED, 1, ())
    assert invocations == record.continuations + 1 == 3
    assert bench.events() == [
        *("job.started", "job.continued") * 2,
        *("job.started", "job.completed"),
    ]


def test_job_that_continues_waits_at_once_and_shows_where_it_is(bench: Bench) -> None:
    bench.handle(counting_to(10, bench, []))
    job = bench.client.enqueue(LONG, Task())

    kept = bench.deliver()

    record = bench.record(job.id)
    assert len(kept) == 1
    assert (record.state, record.run_at) == (State.SCHEDULED, bench.clock.now())
    assert bench.queue.next_visible_at(bench.address.queue) == bench.clock.now()
    assert record.checkpoint
    assert record.checkpoint.cursor == "4"


def test_attempt_continues_before_what_takes_longest_would_not_fit(bench: Bench) -> None:
    seen: list[int] = []
    bench.handle(counting_to(10, bench, seen, took=timedelta(seconds=1.6)))
    bench.client.enqueue(LONG, Task())

    bench.deliver()

    assert seen == [0, 1]  # 1.8 of 5 s are left, of which a tenth of 5 s is for the end


def test_continue_with_a_cursor_writes_it_with_the_end(bench: Bench) -> None:
    def perform(_task: Task, job: JobContext[int]) -> Done:
        if (place := job.cursor or 0) < 3:
            raise Continue(place + 1)
        return Done(text=str(place))

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    assert job.status().result == Done(text="3")
    assert bench.record(job.id).continuations == 3


def test_continue_near_the_fuse_goes_on_by_a_fresh_message(bench: Bench) -> None:
    def perform(_task: Task, job: JobContext[int]) -> Done:
        if (place := job.cursor or 0) < 100:
            raise Continue(place + 1)
        return Done(text=str(place))

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    assert job.status().result == Done(text="100")
    assert bench.dead_letters() == []


@pytest.mark.parametrize("how", ["raises", "times out"])
def test_error_after_a_checkpoint_costs_no_attempt(bench: Bench, how: str) -> None:
    starts: list[tuple[int, int | None]] = []

    def perform(_task: Task, job: JobContext[int]) -> Done:
        starts.append((job.attempt, job.cursor))
        place = (job.cursor or 0) + 1
        if place > 6:
            return Done(text=str(place))
        job.checkpoint(place)
        raise RuntimeError("no") if how == "raises" else SoftTimeout

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    assert starts == [(1, None), *((1, place) for place in range(1, 7))]
    assert job.status().state is State.COMPLETED
    assert [line["event"] for line in bench.telemetry.transitions][1] == (
        "job.retried" if how == "raises" else "job.continued"
    )


def test_attempts_that_come_nowhere_are_counted_until_the_job_fails(bench: Bench) -> None:
    def perform(_task: Task, job: JobContext[int]) -> Done:
        if job.cursor is None:
            job.checkpoint(1)
        raise RuntimeError("at row 1, each time")

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    status = job.status()
    assert (status.state, status.failed_reason, status.attempt) == (
        *(State.FAILED, "attempts_exhausted"),
        3,
    )
    assert [one.attempt for one in status.errors] == [1, 1, 2, 3]


def test_job_that_continues_without_progress_fails_with_that_reason(bench: Bench) -> None:
    starts: list[int] = []

    def perform(_task: Task, job: JobContext[int]) -> Done:
        starts.append(job.attempt)
        raise Continue(7)

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    status = job.status()
    assert (status.state, status.failed_reason) == (State.FAILED, "no_progress")
    assert starts == [1, 1, 2, 3]  # the first moved it
    assert {one.error_type for one in status.errors} == {"NoProgressError"}


def test_job_that_goes_round_in_an_attempt_has_made_no_progress(bench: Bench) -> None:
    def perform(_task: Task, job: JobContext[int]) -> Done:
        start = job.cursor
        job.checkpoint(99)
        if start is not None:
            job.checkpoint(start)
        raise Continue

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    assert job.status().failed_reason == "no_progress"


def test_process_that_dies_goes_on_at_its_last_checkpoint(bench: Bench) -> None:
    seen: list[int] = []

    class Killed(BaseException):
        pass

    def perform(_task: Task, job: JobContext[int]) -> Done:
        for number in range(job.cursor or 0, 8):
            if number == 5 and number not in seen:
                seen.append(number)
                bench.clock.advance(timedelta(hours=1))  # it is never heard of again
                raise LeaseLost
            seen.append(number)
            job.checkpoint(number + 1)
        return Done(text="done")

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task(), attempts=1)
    bench.drain()

    assert seen == [0, 1, 2, 3, 4, 5, 5, 6, 7]
    assert job.status().state is State.COMPLETED
    assert bench.record(job.id).continuations == 1


def test_attempt_that_was_taken_over_keeps_no_checkpoint(bench: Bench) -> None:
    other = Bench(job_type=LONG, clock=bench.clock)
    other.store, other.queue = bench.store, bench.queue

    def sleeps_through_its_lease(_task: Task, job: JobContext[int]) -> Done:
        bench.clock.advance(LONG.visibility_timeout + timedelta(seconds=60))
        other.deliver()
        job.checkpoint(1)
        raise AssertionError("not reached")

    def newer(_task: Task, job: JobContext[int]) -> Done:
        job.checkpoint(5)
        return Done(text="the newer's")

    bench.handle(sleeps_through_its_lease)
    other.handle(newer)
    job = bench.client.enqueue(LONG, Task())

    kept = bench.deliver()

    checkpoint = bench.record(job.id).checkpoint
    assert len(kept) == 1
    assert checkpoint
    assert checkpoint.cursor == "5"
    assert job.status().result == Done(text="the newer's")
    other.close()


class Throttled(InMemoryStore):
    """Keeps no checkpoint by itself."""

    def checkpoint(self, job_id: str, token: str, to: Checkpoint, at: datetime) -> bool:
        raise StoreUnavailableError(f"{job_id} {token} {to} {at}")


def test_checkpoint_that_cannot_be_written_is_kept_with_the_end(bench: Bench) -> None:
    seen: list[int] = []
    bench.store = Throttled(bench.clock)
    bench.connect()
    bench.handle(counting_to(3, bench, seen))
    job = bench.client.enqueue(LONG, Task())

    bench.deliver()
    record = bench.record(job.id)

    assert record.state is State.RETRYING
    assert record.checkpoint
    assert record.checkpoint.cursor == "1"
    assert (record.attempt, seen) == (0, [0])
