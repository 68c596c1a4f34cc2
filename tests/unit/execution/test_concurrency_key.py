"""At most so many jobs of a key at once; the others wait in a line, and are woken."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import TASK, Task
from tests.unit.execution.key_bench import MINUTE, ONE_A_TEXT, SECOND, KeyBench
from workerless import JobType, Tracking
from workerless.flow.concurrency import Concurrency
from workerless.flow.permits import MOST_AT_ONCE
from workerless.flow.settings import STAGE, FlowSettings, Override
from workerless.states import State
from workerless.testing.crash import Doom, ProcessDeath


@pytest.fixture
def make() -> Iterator[Callable[..., KeyBench]]:
    benches: list[KeyBench] = []

    def make(job_type: JobType[Any, Any] = ONE_A_TEXT) -> KeyBench:
        benches.append(KeyBench(job_type=job_type))
        return benches[-1]

    yield make
    for bench in benches:
        bench.close()


def test_a_second_job_of_the_key_waits_and_is_woken_by_the_end_of_the_first(
    make: Callable[..., KeyBench],
) -> None:
    bench = make()
    first, second = bench.enqueue("a", "a")
    bench.meanwhile = lambda: bench.deliver(1)

    bench.deliver(1)

    waiting = bench.record(second)
    assert bench.record(first).state is State.COMPLETED
    assert (waiting.state, waiting.attempt) == (State.SCHEDULED, 0)
    assert waiting.run_at == bench.clock.now()
    bench.deliver(1)
    assert bench.record(second).state is State.COMPLETED
    assert bench.record(second).attempt == 1


def test_many_permits_that_come_free_at_once_are_handed_on_by_and_by(
    make: Callable[..., KeyBench],
) -> None:
    bench = make(replace(ONE_A_TEXT, concurrency_key=Concurrency(1)))
    waiting = bench.enqueue(*"a" * 51)[1:]

    def meanwhile() -> None:
        for _ in waiting:
            bench.deliver(1)
        now = bench.clock.now()
        more = {"keys:task": Override(by="ada", at=now, why="they can", limit=100)}
        bench.flow.settings.save(STAGE, FlowSettings(overrides=more))
        bench.clock.advance(3 * SECOND)

    bench.meanwhile = meanwhile
    bench.deliver(1)

    now = bench.clock.now()
    assert [bench.record(one).run_at <= now for one in waiting].count(True) == MOST_AT_ONCE
    for _ in range(2):
        bench.deliver(100)
    assert len(bench.started) == 51


def test_another_key_does_not_wait(make: Callable[..., KeyBench]) -> None:
    bench = make()
    _, other = bench.enqueue("a", "b")
    seen: list[State] = []

    def other_comes() -> None:
        bench.deliver(1)
        seen.append(bench.record(other).state)

    bench.meanwhile = other_comes
    bench.deliver(1)

    assert seen == [State.COMPLETED]


def test_a_job_without_a_key_is_not_limited(make: Callable[..., KeyBench]) -> None:
    nobody = Concurrency(1, key=lambda task: task.text or None)
    bench = make(replace(ONE_A_TEXT, concurrency_key=nobody))
    bench.enqueue("", "")
    bench.meanwhile = lambda: bench.deliver(1)

    bench.deliver(1)

    assert bench.started == ["", ""]


def test_jobs_that_wait_run_in_the_order_of_their_first_look(
    make: Callable[..., KeyBench],
) -> None:
    bench = make(replace(ONE_A_TEXT, concurrency_key=Concurrency(1)))
    bench.enqueue("0", "1", "2", "3", "4")

    def others_look() -> None:
        for _ in range(4):
            bench.clock.advance(SECOND)
            bench.deliver(1)

    bench.meanwhile = others_look
    bench.deliver(1)
    bench.drain(1)

    assert bench.started == ["0", "1", "2", "3", "4"]


def test_waiting_costs_a_handful_of_looks_however_long_the_line(
    make: Callable[..., KeyBench],
) -> None:
    bench = make(replace(ONE_A_TEXT, concurrency_key=Concurrency(1), timeout=2 * MINUTE))
    bench.enqueue(*(str(number) for number in range(100)))

    def minute_passes() -> None:
        while bench.queue.next_visible_at(bench.address.queue) == bench.clock.now():
            bench.deliver(1)
        bench.clock.advance(MINUTE)
        bench.meanwhile = minute_passes

    bench.meanwhile = minute_passes
    bench.drain(1, most=2_000)

    looks = [line for line in bench.telemetry.transitions if line["event"] == "job.waiting"]
    assert len(bench.started) == 100
    assert len(looks) < 100 * 6


def test_a_job_that_is_no_longer_wanted_is_passed_over(make: Callable[..., KeyBench]) -> None:
    bench = make()
    _, second, third = bench.enqueue("a", "a", "a")

    def others_look() -> None:
        bench.deliver(1)
        bench.deliver(1)
        bench.client.job(second).cancel()

    bench.meanwhile = others_look
    bench.deliver(1)
    bench.deliver(1)

    assert bench.record(second).state is State.CANCELLED
    assert bench.record(third).state is State.COMPLETED


def test_the_permit_of_a_dead_attempt_is_free_ten_seconds_after_its_lease(
    make: Callable[..., KeyBench],
) -> None:
    bench = make()
    bench.enqueue("a", "a")
    bench.store.doom = Doom(job_type="task")
    with pytest.raises(ProcessDeath):
        bench.deliver(1)
    bench.store.caller_is_dead = False
    died_at = bench.clock.now()

    bench.deliver(1)
    bench.drain(1)

    assert bench.started == ["a", "a", "a"]
    lease = bench.job_type.function_timeout + timedelta(seconds=30)
    assert bench.clock.now() - died_at < lease + 4 * MINUTE


def test_jobs_of_a_batch_run_one_after_another_without_waiting(
    make: Callable[..., KeyBench],
) -> None:
    bench = make(replace(ONE_A_TEXT, batch_size=10))
    bench.enqueue("a", "a", "a")

    bench.deliver(10)

    assert bench.started == ["a", "a", "a"]
    assert "job.waiting" not in bench.events()


def test_one_at_a_time_needs_no_more_than_concurrency(make: Callable[..., KeyBench]) -> None:
    bench = make(replace(TASK, concurrency=1, batch_size=1))
    bench.enqueue("a", "b")
    bench.meanwhile = lambda: bench.deliver(1)

    bench.deliver(1)

    assert bench.started == ["a"]
    bench.drain()
    assert bench.started == ["a", "b"]


def test_members_of_a_group_count_together_and_wake_each_other(
    make: Callable[..., KeyBench],
) -> None:
    grouped = Concurrency(1, key="text", group="bank")
    ours = make(replace(ONE_A_TEXT, concurrency_key=grouped))
    theirs = make(replace(ONE_A_TEXT, name="other_task", concurrency_key=grouped))
    theirs.clock, theirs.queue, theirs.store, theirs.flow = (
        *(ours.clock, ours.queue, ours.store),
        ours.flow,
    )
    theirs.connect()
    theirs.client.enqueue(theirs.job_type, Task(text="a"), idempotency_key="theirs")
    ours.enqueue("a")
    ours.meanwhile = lambda: theirs.deliver(1)

    ours.deliver(1)

    assert theirs.started == []
    theirs.deliver(1)
    assert theirs.started == ["a"]


def test_a_key_that_cannot_be_made_fails_the_job(make: Callable[..., KeyBench]) -> None:
    bench = make(replace(ONE_A_TEXT, concurrency_key=Concurrency(1, key=lambda task: task.nope)))
    (job,) = bench.enqueue("a")

    bench.deliver(1)

    assert (bench.record(job).state, bench.record(job).reason) == (State.FAILED, "invalid_key")


def test_without_records_nobody_can_wait() -> None:
    with pytest.raises(ValueError, match="concurrency_key must be None with tracking off"):
        replace(ONE_A_TEXT, tracking=Tracking.OFF, result=None)
