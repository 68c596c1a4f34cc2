"""job.each: what a loop has done with is kept, at few writes, and goes on elsewhere in time."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import State
from workerless.errors import WorkerlessError
from workerless.execution.context import JobContext
from workerless.record import Checkpoint
from workerless.testing.memory import InMemoryStore

LONG = replace(TASK, cursor=int, timeout=timedelta(seconds=60))


class Counting(InMemoryStore):
    """Counts the checkpoints that are written by themselves."""

    kept: int = 0

    def checkpoint(self, job_id: str, token: str, to: Checkpoint, at: datetime) -> bool:
        self.kept += 1
        return super().checkpoint(job_id, token, to, at)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(job_type=LONG)
    bench.store = Counting(bench.clock)
    bench.connect()
    yield bench
    bench.close()


def numbers(start: int, end: int) -> Iterable[tuple[int, int]]:
    return ((number, number + 1) for number in range(start, end))


def test_items_come_once_over_all_invocations_and_few_are_written(bench: Bench) -> None:
    seen: list[int] = []

    def perform(_task: Task, job: JobContext[int]) -> Done:
        for number in job.each(numbers(job.cursor or 0, 1_000)):
            bench.clock.advance(timedelta(milliseconds=200))
            seen.append(number)
        return Done(text="done")

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    assert seen == list(range(1_000))
    assert job.status().state is State.COMPLETED
    assert isinstance(bench.store, Counting)
    # 200 s: every 5 s of it, where an invocation ends, and at the end.
    assert bench.store.kept <= 40 + 4 + 1
    assert bench.record(job.id).continuations == 3


def test_item_that_fails_is_the_only_one_to_be_repeated(bench: Bench) -> None:
    seen: list[int] = []

    def perform(_task: Task, job: JobContext[int]) -> Done:
        for number in job.each(numbers(job.cursor or 0, 10)):
            seen.append(number)
            if number == 7 and seen.count(7) < 3:
                raise RuntimeError("not yet")
        return Done(text="done")

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    assert seen == [*range(8), 7, *range(7, 10)]
    assert job.status().attempt == 2


def test_loop_that_is_left_has_not_done_with_its_last_item(bench: Bench) -> None:
    def perform(_task: Task, job: JobContext[int]) -> Done:
        for number in job.each(numbers(job.cursor or 0, 10), every=timedelta(0)):
            if number == 3:
                break
        return Done(text=str(job.cursor))

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    assert job.status().result == Done(text="3")


def test_nothing_to_do_is_no_checkpoint(bench: Bench) -> None:
    def perform(_task: Task, job: JobContext[int]) -> Done:
        return Done(text=str(list(job.each([]))))

    bench.handle(perform)
    job = bench.client.enqueue(LONG, Task())
    bench.drain()

    assert job.status().result == Done(text="[]")
    assert bench.record(job.id).checkpoint is None


def test_job_type_without_a_cursor_has_no_checkpoints() -> None:
    bench, errors = Bench(), list[str]()

    def perform(_task: Task, job: JobContext[int]) -> Done:
        for act in (lambda: job.checkpoint(1), lambda: list(job.each(numbers(0, 1)))):
            with pytest.raises(WorkerlessError) as error:
                act()
            errors.append(str(error.value))
        return Done(text=str(job.cursor))

    bench.handle(perform)
    job = bench.client.enqueue(TASK, Task())
    bench.drain()

    assert job.status().result == Done(text="None")
    assert all("declares no cursor" in error for error in errors)
    bench.close()
