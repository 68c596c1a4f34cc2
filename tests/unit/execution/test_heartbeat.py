"""Jobs that take long: every 30 s their process says that it lives; others cost nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import JobType, State
from workerless.chunks import chunk_worker
from workerless.errors import StoreUnavailableError
from workerless.execution.context import JobContext
from workerless.execution.runtime import Ports
from workerless.ports import Store
from workerless.testing.heartbeats import InMemoryHeartbeats
from workerless.testing.store import InMemoryStore
from workerless.tracking import Tracking

SECOND = timedelta(seconds=1)
HALF = timedelta(seconds=30)


@dataclass(kw_only=True)
class Living(Bench):
    """A bench whose jobs have hearts. ``beats`` were written, ``silent`` is how many fail."""

    silent: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.beats: list[tuple[str, timedelta]] = []
        self.began = self.clock.now()

    def beat(self, job_id: str, token: str, at: object) -> bool:
        if self.silent:
            self.silent -= 1
            raise StoreUnavailableError("down")
        assert isinstance(self.store, InMemoryStore)
        is_ours = InMemoryHeartbeats(self.store).beat(job_id, token, self.clock.now())
        if is_ours:
            self.beats.append((job_id, self.clock.now() - self.began))
        return is_ours

    def ports(self, store: Store | None = None) -> Ports:
        return replace_ports(super().ports(store), self)


def replace_ports(ports: Ports, heart: Living) -> Ports:
    made = replace(ports)
    made.heartbeats = lambda: heart  # type: ignore[misc]  # our own values are guarded by mypy alone
    return made


@pytest.fixture
def bench() -> Iterator[Living]:
    bench = Living(job_type=replace(TASK, timeout=timedelta(minutes=7), batch_size=10))
    yield bench
    bench.close()


def takes(bench: Bench, duration: timedelta) -> Callable[[Task], Done]:
    def perform(payload: Task) -> Done:
        bench.clock.advance(duration)
        return Done(text=payload.text)

    return perform


@pytest.mark.parametrize(("seconds", "beats"), [(29, 0), (30, 1), (59, 1), (60, 2), (95, 3)])
def test_process_says_that_it_lives_every_30_seconds(
    bench: Living, seconds: int, beats: int
) -> None:
    bench.handle(takes(bench, seconds * SECOND))
    job = bench.client.enqueue(bench.job_type, Task())

    bench.deliver()
    bench.clock.advance(timedelta(hours=1))

    assert bench.beats == [(job.id, (number + 1) * HALF) for number in range(beats)]
    assert job.status().state is State.COMPLETED


def test_it_is_seen_while_the_job_runs_and_no_longer(bench: Living) -> None:
    seen = []

    def perform(payload: Task, job: JobContext) -> Done:
        for _ in range(3):
            seen.append(bench.client.job(job.job_id).status().last_heartbeat)
            bench.clock.advance(HALF)
        return Done(text=payload.text)

    bench.handle(perform)
    job = bench.client.enqueue(bench.job_type, Task())

    bench.deliver()

    start = bench.began
    assert seen == [None, start + HALF, start + 2 * HALF]
    assert job.status().last_heartbeat is None
    assert bench.record(job.id).heartbeat_at == start + 3 * HALF


def test_that_of_the_attempt_before_is_not_shown(bench: Living) -> None:
    seen = []

    def perform(payload: Task, job: JobContext) -> Done:
        seen.append(bench.client.job(job.job_id).status().last_heartbeat)
        if job.attempt == 1:
            bench.clock.advance(HALF)
            raise ConnectionError
        return Done(text=payload.text)

    bench.handle(perform)
    job = bench.client.enqueue(bench.job_type, Task())

    bench.deliver()
    bench.clock.advance(timedelta(minutes=1))
    bench.deliver()

    assert job.status().state is State.COMPLETED
    assert seen == [None, None]


def test_it_changes_nothing_else(bench: Living) -> None:
    bench.handle(takes(bench, HALF))
    job = bench.client.enqueue(bench.job_type, Task())
    records = []

    def both(job_id: str, token: str, at: object) -> bool:
        records.append(bench.record(job.id))
        said = Living.beat(bench, job_id, token, at)
        records.append(bench.record(job.id))
        return said

    bench.beat = both  # type: ignore[method-assign]  # looks on
    bench.deliver()

    before, after = records
    assert replace(after, heartbeat_at=None) == before


def test_all_in_hand_are_said_to_be_but_not_those_that_have_ended(bench: Living) -> None:
    bench.handle(takes(bench, 40 * SECOND))
    first, second = bench.client.enqueue_many(bench.job_type, [Task(), Task()])

    bench.deliver(time_left=timedelta(hours=1))

    assert bench.beats == [(first.id, HALF), (second.id, HALF), (second.id, 2 * HALF)]


def test_async_jobs_have_hearts_too(bench: Living) -> None:
    async def perform(payload: Task) -> Done:
        bench.clock.advance(HALF)
        return Done(text=payload.text)

    bench.handle(perform)
    job = bench.client.enqueue(bench.job_type, Task())

    bench.deliver()

    assert bench.beats == [(job.id, HALF)]


def test_who_lost_the_job_is_silent(bench: Living) -> None:
    bench.handle(takes(bench, 5 * HALF))
    bench.client.enqueue(bench.job_type, Task())
    lost: list[bool] = []

    def lose(job_id: str, token: str, at: object) -> bool:
        lost.append(Living.beat(bench, job_id, f"not {token}", at))
        return lost[-1]

    bench.beat = lose  # type: ignore[method-assign]  # another attempt has it
    bench.deliver()

    assert lost == [False]


def test_store_that_is_down_costs_a_heartbeat_and_not_the_job(bench: Living) -> None:
    bench.silent = 1
    bench.handle(takes(bench, 2 * HALF))
    job = bench.client.enqueue(bench.job_type, Task())

    bench.deliver()

    assert job.status().state is State.COMPLETED
    assert bench.beats == [(job.id, 2 * HALF)]
    (trouble,) = bench.telemetry.troubles
    assert "heartbeat_lost" in str(trouble)


def test_store_that_is_down_is_asked_once_for_all_that_are_in_hand(bench: Living) -> None:
    """The thread that asks also writes the ends of jobs, within 200 ms: it has no minutes."""
    bench.silent = 1
    bench.handle(takes(bench, 25 * SECOND))
    jobs = bench.client.enqueue_many(bench.job_type, [Task()] * 4)

    bench.deliver(time_left=timedelta(hours=1))

    assert len(bench.telemetry.troubles) == 1
    assert bench.beats == [(one.id, 2 * HALF) for one in jobs[2:]] + [(jobs[3].id, 3 * HALF)]


@pytest.mark.parametrize("raised", [ValueError, SystemExit, KeyboardInterrupt])
def test_it_stops_however_the_handler_ends(bench: Living, raised: type[BaseException]) -> None:
    def perform(payload: Task) -> Done:
        raise raised(payload.text)

    bench.handle(perform)
    bench.client.enqueue(bench.job_type, Task())

    bench.deliver()
    bench.clock.advance(timedelta(hours=1))

    assert bench.beats == []


def test_jobs_without_records_have_none() -> None:
    job_type = replace(TASK, timeout=timedelta(minutes=7), tracking=Tracking.OFF, result=None)
    bench = Living(job_type=job_type)
    bench.handle(lambda _payload: bench.clock.advance(3 * HALF))
    bench.client.enqueue(bench.job_type, Task())

    bench.deliver()

    assert bench.beats == []


def test_jobs_of_a_chunk_have_one_each(bench: Living) -> None:
    job_type: JobType[Task, Done] = bench.job_type

    @chunk_worker(job_type)
    def perform(payloads: Sequence[Task]) -> Sequence[Done]:
        bench.clock.advance(HALF)
        return [Done(text=one.text) for one in payloads]

    bench.worker = perform
    jobs = bench.client.enqueue_many(bench.job_type, [Task(), Task()])

    bench.deliver()

    assert bench.beats == [(job.id, HALF) for job in jobs]
