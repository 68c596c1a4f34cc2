"""What becomes of jobs that find their key taken, or took too long to wait."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import Done, Task
from tests.unit.execution.key_bench import MINUTE, ONE_A_TEXT, SECOND, KeyBench
from workerless import JobType, Snooze
from workerless.execution.context import JobContext
from workerless.flow.concurrency import Concurrency, OnConflict
from workerless.flow.permits import Holder
from workerless.flow.settings import STAGE, Override
from workerless.frozen import replace as changed
from workerless.states import State


@pytest.fixture
def make() -> Iterator[Callable[..., KeyBench]]:
    benches: list[KeyBench] = []

    def make(job_type: JobType[Any, Any] = ONE_A_TEXT) -> KeyBench:
        benches.append(KeyBench(job_type=job_type))
        return benches[-1]

    yield make
    for bench in benches:
        bench.close()


@pytest.mark.parametrize(
    ("on_conflict", "states"),
    [
        (OnConflict.WAIT, [State.COMPLETED] * 4),
        (OnConflict.DROP, [State.COMPLETED, *[State.DISCARDED] * 3]),
        (
            OnConflict.REPLACE,
            [State.COMPLETED, State.CANCELLED, State.CANCELLED, State.COMPLETED],
        ),
    ],
)
def test_conflict_ends_as_declared(
    make: Callable[..., KeyBench], on_conflict: OnConflict, states: list[State]
) -> None:
    bench = make(replace(ONE_A_TEXT, concurrency_key=Concurrency(1, on_conflict=on_conflict)))
    jobs = bench.enqueue("a", "b", "c", "d")

    def others_look() -> None:
        for _ in range(3):
            bench.clock.advance(SECOND)
            bench.deliver(1)

    bench.meanwhile = others_look
    bench.deliver(1)
    bench.drain(1)

    assert [bench.record(job).state for job in jobs] == states


def test_the_newest_calls_off_the_one_that_runs_and_those_that_wait(
    make: Callable[..., KeyBench],
) -> None:
    rule = Concurrency(1, on_conflict=OnConflict.CANCEL_OLD)
    bench = make(replace(ONE_A_TEXT, concurrency_key=rule))
    jobs = bench.enqueue("a", "b", "c")

    def perform(task: Task, job: JobContext) -> Done:
        bench.perform(task)
        job.raise_if_cancelled()
        return Done(text=task.text)

    def others_look() -> None:
        for _ in range(2):
            bench.clock.advance(SECOND)
            bench.deliver(1)

    bench.handle(perform)
    bench.meanwhile = others_look
    bench.deliver(1)
    bench.drain(1)

    assert bench.started == ["a", "c"]
    states = [State.CANCELLED, State.CANCELLED, State.COMPLETED]
    assert [bench.record(job).state for job in jobs] == states
    assert bench.record(jobs[0]).reason == f"replaced by {jobs[1]}"


def test_the_newest_replaces_who_joins_the_line_only_after_it(
    make: Callable[..., KeyBench],
) -> None:
    rule = Concurrency(1, on_conflict=OnConflict.REPLACE)
    bench = make(replace(ONE_A_TEXT, concurrency_key=rule))
    jobs = bench.enqueue("a", "b", "c")

    def newest_looks() -> None:
        bench.clock.advance(SECOND)
        bench.deliver(1)

    def others_look() -> None:
        bench.store.first = newest_looks  # before the one between is in the line
        bench.deliver(1)

    bench.meanwhile = others_look
    bench.deliver(1)
    bench.drain(1)

    assert bench.started == ["a", "c"]
    assert bench.record(jobs[1]).state is State.CANCELLED
    assert bench.record(jobs[1]).reason == f"replaced by {jobs[2]}"


def test_who_was_woken_and_has_not_come_makes_room_for_the_newest(
    make: Callable[..., KeyBench],
) -> None:
    rule = Concurrency(1, on_conflict=OnConflict.CANCEL_OLD)
    bench = make(replace(ONE_A_TEXT, concurrency_key=rule))
    _, second = bench.enqueue("a", "b")
    bench.meanwhile = lambda: bench.deliver(1)
    bench.deliver(1)  # wakes the second
    (third,) = bench.enqueue("c")
    woken = bench.queue.deliver(bench.address.queue, 1)  # by a worker that is slow

    bench.clock.advance(SECOND)
    bench.deliver(1)

    assert len(woken) == 1
    assert bench.record(second).state is State.CANCELLED
    bench.drain(1)
    assert bench.record(third).state is State.COMPLETED
    assert bench.started == ["a", "c"]


def test_people_may_change_how_many_run_and_nothing_runs_at_none(
    make: Callable[..., KeyBench],
) -> None:
    bench = make(replace(ONE_A_TEXT, concurrency_key=Concurrency(1, group="bank")))
    bench.enqueue("a", "b", "c")

    def allow(limit: int) -> None:
        (before,) = bench.flow.settings.read_many([STAGE])
        said = Override(by="ada", at=bench.clock.now(), why="x", limit=limit)
        assert bench.flow.settings.save(STAGE, changed(before, overrides={"keys:bank": said}))

    allow(0)
    bench.deliver(1)
    assert bench.started == []
    allow(2)
    bench.meanwhile = lambda: bench.deliver(1)
    bench.deliver(1)
    assert len(bench.started) == 2
    bench.drain(1)
    assert sorted(bench.started) == ["a", "b", "c"]


def test_who_was_slow_to_wait_wakes_no_job_that_waits_for_something_else_by_now(
    make: Callable[..., KeyBench],
) -> None:
    bench = make(replace(ONE_A_TEXT, concurrency_key=Concurrency(1)))
    other = Holder(job_id="other", token="t", until=bench.clock.now())  # noqa: S106
    bench.flow.permits.take("task", other, 1)
    (job,) = bench.enqueue("a")
    (message,) = bench.queue.messages(bench.address.queue)

    def another_attempt() -> None:
        bench.clock.advance(bench.job_type.function_timeout + MINUTE)
        bench.send(message.body)
        bench.deliver(1)

    def snooze() -> None:
        raise Snooze(timedelta(hours=12))

    bench.store.first, bench.meanwhile = another_attempt, snooze
    bench.deliver(1)

    record = bench.record(job)
    assert record.state is State.SCHEDULED
    assert record.run_at == bench.clock.now() + timedelta(hours=12)
    bench.enqueue("b")
    bench.deliver(2)
    assert bench.started == ["a", "b"]
