"""What one process of a container does, on the virtual clock."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import Lanes, State
from workerless.container.shift import End, Post, run_shift
from workerless.errors import QueueUnavailableError, StoreUnavailableError, WorkerlessError
from workerless.flow.settings import FlowSettings, Pause
from workerless.ports import Outgoing

_FOREVER = {"max_jobs": 1_000, "max_memory_mib": 1_000.0}


@dataclass(kw_only=True)
class Dock:
    """A bench whose worker polls; it is told to stop after ``rounds`` polls."""

    bench: Bench
    rounds: int = 3
    memory: float = 10.0
    stopped: bool = False
    silent_queue: bool = False
    silent_store: bool = False
    settings: FlowSettings = field(default_factory=FlowSettings)
    queues: dict[str | None, str] | None = None
    heard: list[float] = field(default_factory=list)
    limits: list[timedelta] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def work(self, **bounds: Any) -> End:
        assert self.bench.worker is not None
        post = Post(
            worker=self.bench.worker,
            ports=self.bench.ports(),
            queues=self.queues or {None: self.bench.address.queue},
            intake=self,
            settings=self,
            is_stopping=lambda: self.stopped,
            memory_mib=lambda: self.memory,
            alive=self.alive,
            ends_in=self.ends_in,
        )
        return run_shift(post, **{**_FOREVER, **bounds})

    def alive(self, seconds: float) -> None:
        self.heard.append(seconds)
        self.stopped = self.stopped or len(self.heard) > 20 * self.rounds

    def ends_in(self, limit: timedelta) -> AbstractContextManager[None]:
        self.limits.append(limit)
        return nullcontext()

    def take(self, queue: str, *, limit: int, wait_seconds: int) -> Sequence[Mapping[str, Any]]:
        assert 1 <= limit <= 10
        self.asked.append(queue)
        self.stopped = self.stopped or len(self.asked) >= self.rounds
        if self.silent_queue:
            raise QueueUnavailableError("silent")
        return self.bench.queue.deliver(queue, limit)

    def acknowledge(self, queue: str, receipts: Sequence[str]) -> None:
        for receipt in receipts:
            self.bench.queue.acknowledge(queue, receipt)

    def read_many(self, names: Sequence[str]) -> list[FlowSettings]:
        if self.silent_store:
            raise StoreUnavailableError("silent")
        return [self.settings for _ in names]


@pytest.fixture
def dock(bench: Bench) -> Dock:
    bench.handle(lambda task: Done(text=task.text))
    return Dock(bench=bench)


def test_jobs_run_and_their_messages_are_gone(dock: Dock) -> None:
    jobs = [dock.bench.client.enqueue(TASK, Task(text=str(n))) for n in range(12)]

    assert dock.work() is End.STOPPED

    assert {one.status().state for one in jobs} == {State.COMPLETED}
    assert dock.bench.queue.messages(dock.bench.address.queue) == []
    assert set(dock.limits) == {TASK.function_timeout}


def test_told_to_stop_in_a_job_it_finishes_and_puts_the_others_back_unspent(dock: Dock) -> None:
    jobs = [dock.bench.client.enqueue(TASK, Task(text=str(n))) for n in range(4)]

    def stop(task: Task) -> Done:
        dock.stopped = True
        return Done(text=task.text)

    dock.bench.handle(stop)
    dock.work()

    first, *others = [one.status() for one in jobs]
    assert first.state is State.COMPLETED
    assert {(one.state, one.attempt) for one in others} == {(State.RETRYING, 0)}
    assert len(dock.bench.queue.deliver(dock.bench.address.queue)) == 3  # at once, by whoever asks


def test_what_a_poll_brings_after_the_stop_is_put_back_unclaimed(dock: Dock) -> None:
    job = dock.bench.client.enqueue(TASK, Task())
    dock.rounds = 1  # told while it polls

    dock.work()

    assert (job.status().state, job.status().attempt) == (State.PENDING, 0)
    assert len(dock.bench.queue.deliver(dock.bench.address.queue)) == 1


def test_a_process_that_did_enough_is_replaced(dock: Dock) -> None:
    for number in range(3):
        dock.bench.client.enqueue(TASK, Task(text=str(number)))

    assert dock.work(max_jobs=3) is End.REPLACED


def test_a_process_that_grew_is_replaced(dock: Dock) -> None:
    dock.bench.client.enqueue(TASK, Task())

    def grow(task: Task) -> Done:
        dock.memory = 50.0
        return Done(text=task.text)

    dock.bench.handle(grow)

    assert dock.work(max_memory_mib=50.0) is End.REPLACED


def test_memory_that_is_used_before_any_job_is_no_reason_to_replace_it(dock: Dock) -> None:
    with pytest.raises(WorkerlessError, match=r"above what a process uses .* 10 MiB, got 5 "):
        dock.work(max_memory_mib=5.0)


def test_messages_of_a_paused_queue_stay_there(
    dock: Dock, bench: Bench, make_pause: Callable[[], Pause]
) -> None:
    bench.client.enqueue(TASK, Task())
    dock.settings = FlowSettings(pauses=(make_pause(),))

    dock.work()

    assert dock.asked == []
    assert len(bench.queue.deliver(bench.address.queue)) == 1
    assert dock.heard  # and it is well


def test_silence_of_queue_or_store_is_told_and_waited_for(dock: Dock) -> None:
    dock.silent_queue = dock.silent_store = True

    assert dock.work() is End.STOPPED

    told = {one.event for one in dock.bench.telemetry.troubles}
    assert told == {"queue_unavailable", "store_unavailable"}
    assert len(dock.asked) == 3


def laned(*, stopped_after: int) -> Dock:
    """Three jobs in each of two lanes, of which a batch takes two."""
    lanes = Lanes({"fast": 2, "main": 2}, default="main")
    dock = Dock(
        bench=Bench(job_type=replace(TASK, lanes=lanes, concurrency=4, batch_size=2)),
        rounds=stopped_after,
        queues={"fast": "workerless-test-task--fast", "main": "workerless-test-task"},
    )
    dock.bench.handle(lambda task: Done(text=task.text))
    for queue in (dock.queues or {}).values():
        dock.bench.queue.send_many(queue, [Outgoing(body="{}")] * 3)
    return dock


def left(dock: Dock) -> dict[str | None, int]:
    return {
        lane: len(dock.bench.queue.messages(queue)) for lane, queue in (dock.queues or {}).items()
    }


def test_lanes_have_equal_turns() -> None:
    dock = laned(stopped_after=4)

    dock.work()
    dock.bench.close()

    assert dock.asked == [*(dock.queues or {}).values()] * 2
    assert left(dock) == {"fast": 0, "main": 1}  # told to stop while it asked for the last


def test_messages_of_a_paused_lane_stay_there(make_pause: Callable[[], Pause]) -> None:
    dock = laned(stopped_after=3)
    dock.settings = FlowSettings(pauses=(replace(make_pause(), lane="fast"),))

    dock.work()
    dock.bench.close()

    assert set(dock.asked) == {"workerless-test-task"}
    assert left(dock) == {"fast": 3, "main": 0}
