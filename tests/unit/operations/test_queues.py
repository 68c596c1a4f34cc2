"""The queue of one job type: how full it is and how it does, emptying it, waiting for its end."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from workerless import TIERS
from workerless.errors import UnknownJobTypeError, WaitTimeoutError
from workerless.ledger import Kind, Operation
from workerless.operations.metrics import SAMPLES
from workerless.operations.queues import COUNTED, StageQueues
from workerless.operator_ports import Depth
from workerless.ports import Outgoing
from workerless.search import Count, Search
from workerless.states import State
from workerless.testing.directory import InMemoryDirectory
from workerless.testing.flow.settings import InMemorySettings
from workerless.testing.memory import FakeClock, InMemoryQueue, InMemoryStore
from workerless.testing.platform import InMemoryPlatform
from workerless.testing.sample import a_record
from workerless.tracking import Tracking

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class NotingBulk:
    """Starts nothing and keeps what it was asked for."""

    def __init__(self) -> None:
        self.started: list[tuple[Kind, Search, str | None]] = []

    def start(self, kind: Kind, search: Search, *, why: str | None = None) -> Operation:
        self.started.append((kind, search, why))
        now = FakeClock().now()
        return Operation(
            operation_id="op-1", kind=kind, search=search, by="me", created_at=now, updated_at=now
        )


class Bench:
    """Queues over doubles, with one fully tracked job type and one that is not tracked."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store, self.queue = InMemoryStore(self.clock), InMemoryQueue(self.clock)
        self.directory = InMemoryDirectory(["send_email"])
        self.directory.add("ping", Tracking.OFF)
        self.directory.add("laned", Tracking.LEAN, TIERS)
        self.address = self.directory.find("send_email").queue
        self.bulk = NotingBulk()
        self.settings = InMemorySettings()
        self.queues = StageQueues(
            store=self.store,
            queue=self.queue,
            settings=self.settings,
            directory=self.directory,
            clock=self.clock,
            platform=InMemoryPlatform(),
            bulk=self.bulk,
        )

    def send(self, number: int, delay: timedelta = timedelta(0)) -> None:
        self.queue.send_many(self.address, [Outgoing(body="{}", delay=delay)] * number)

    def put(self, number: int, state: State, **changes: Any) -> None:
        self.store.put_many(
            [a_record(f"{state}-{n}", state=state, **changes) for n in range(number)]
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_stats_count_messages_and_records(bench: Bench) -> None:
    bench.send(5)
    bench.send(3, delay=SECOND)
    bench.queue.deliver(bench.address, 2)
    for number, state in enumerate(
        (State.COMPLETED, State.FAILED, State.HELD, State.CANCELLED, State.DISCARDED), start=1
    ):
        bench.put(number, state)
    now = bench.clock.now()
    bench.put(4, State.SCHEDULED, run_at=now + HOUR)
    bench.store.put_many(
        [
            a_record("soon", state=State.SCHEDULED, run_at=now + SECOND),
            a_record("sent", state=State.SCHEDULED, run_at=now + HOUR, sent_for=now + HOUR),
        ]
    )

    assert bench.queues.stats("send_email").shape() == {
        "waiting": 3,
        "active": 2,
        "delayed": 3 + 4,
        "completed": 1,
        "failed": 2,
        "held": 3,
        "cancelled": 4,
        "discarded": 5,
    }


def test_stats_say_where_counting_stopped(bench: Bench) -> None:
    bench.put(COUNTED + 1, State.COMPLETED)

    stats = bench.queues.stats("send_email")

    assert stats.completed == Count(number=COUNTED, at_least=True)
    assert stats.failed == Count(number=0)


def test_unknown_job_type_is_told(bench: Bench) -> None:
    with pytest.raises(UnknownJobTypeError):
        bench.queues.stats("nobody")
    with pytest.raises(UnknownJobTypeError):
        bench.queues.metrics("nobody")


def _ended(bench: Bench, number: int, state: State, *, first: int = 0) -> None:
    """Each waited for a second and took as many milliseconds as its number says."""
    now = bench.clock.now()
    records = []
    for n in range(first + 1, first + number + 1):
        end = now - n * SECOND
        start = end - timedelta(milliseconds=n)
        changes: dict[str, Any] = {"finished_at": end, "updated_at": end, "started_at": start}
        records.append(a_record(f"{state}-{n}", state=state, run_at=start - SECOND, **changes))
    bench.store.put_many(records)


def test_metrics_tell_of_the_last_jobs(bench: Bench) -> None:
    _ended(bench, 90, State.COMPLETED)
    _ended(bench, 10, State.FAILED, first=90)

    assert bench.queues.metrics("send_email").shape() == {
        "latency": {"avg": 50.5, "p50": 50, "p95": 95, "p99": 99},
        "waitTime": {"avg": 1_000, "p50": 1_000, "p95": 1_000, "p99": 1_000},
        "throughput": 59,
        "errorRate": 0.1,
        "samples": 100,
    }


def test_metrics_look_at_the_last_thousand(bench: Bench) -> None:
    _ended(bench, SAMPLES, State.COMPLETED)
    _ended(bench, 500, State.FAILED, first=SAMPLES)

    told = bench.queues.metrics("send_email")

    assert (told.samples, told.error_rate, told.latency.p99) == (SAMPLES, 0, 990)


def test_error_rate_is_not_judged_of_ten_jobs(bench: Bench) -> None:
    _ended(bench, 10, State.FAILED)
    assert bench.queues.metrics("send_email").error_rate is None

    _ended(bench, 1, State.FAILED, first=10)
    assert bench.queues.metrics("send_email").error_rate == 1


def test_job_that_never_started_has_no_latency(bench: Bench) -> None:
    bench.put(20, State.FAILED, finished_at=bench.clock.now())

    told = bench.queues.metrics("send_email")

    assert asdict(told.latency) == {"avg": None, "p50": None, "p95": None, "p99": None}
    assert told.error_rate == 1


def test_of_jobs_without_records_nothing_is_told(bench: Bench) -> None:
    assert bench.queues.metrics("ping").shape() == {
        "latency": {"avg": None, "p50": None, "p95": None, "p99": None},
        "waitTime": {"avg": None, "p50": None, "p95": None, "p99": None},
        "throughput": None,
        "errorRate": None,
        "samples": 0,
    }


def test_purge_calls_off_what_waits_and_leaves_the_messages(bench: Bench) -> None:
    bench.send(3)

    operation = bench.queues.purge("send_email", why="wrong list")

    assert operation.operation_id == "op-1"
    assert bench.bulk.started == [(Kind.CANCEL, Search(job_type="send_email"), "wrong list")]
    assert bench.queue.depth(bench.address).waiting == 3


def test_purge_empties_the_queue_of_jobs_without_records(bench: Bench) -> None:
    address = bench.directory.find("ping").queue
    bench.queue.send_many(address, [Outgoing(body="{}")] * 3)

    bench.queues.purge("ping", why="flood")

    assert bench.queue.depth(address) == Depth(waiting=0, in_flight=0, delayed=0)


def test_drain_waits_until_nothing_waits_or_is_active(bench: Bench) -> None:
    bench.send(2)
    bench.send(1, delay=HOUR / 4)
    seen: list[tuple[int, int]] = []

    def work(depth: Depth) -> None:
        seen.append((depth.waiting, depth.in_flight))
        taken = bench.queue.deliver(bench.address, 1)
        if len(seen) % 2 == 0:
            for record in taken:
                bench.queue.acknowledge(bench.address, record["receiptHandle"])

    left = bench.queues.drain("send_email", timeout=HOUR, on_progress=work)

    assert left == Depth(waiting=0, in_flight=0, delayed=1)
    assert seen[0] == (2, 0)
    assert seen[-2:] == [(0, 0), (0, 0)]
    assert (0, 0) not in seen[:-2]


def test_drain_gives_up_and_says_what_is_left(bench: Bench) -> None:
    bench.send(2)
    start = bench.clock.now()

    with pytest.raises(WaitTimeoutError, match="still has 2 waiting and 0 active after 0:00:05"):
        bench.queues.drain("send_email", timeout=5 * SECOND)

    assert bench.clock.now() - start == 5 * SECOND


def test_stats_count_all_lanes_and_each(bench: Bench) -> None:
    lanes = bench.directory.find("laned").lanes
    for number, queue in enumerate(lanes.values(), start=1):
        bench.queue.send_many(queue, [Outgoing(body="{}")] * number)
    bench.queue.deliver(lanes["free"], 2)

    stats = bench.queues.stats("laned")

    assert (stats.waiting.number, stats.active.number) == (4, 2)
    assert stats.shape()["lanes"] == {
        "premium": {"waiting": 1, "active": 0, "delayed": 0},
        "standard": {"waiting": 2, "active": 0, "delayed": 0},
        "free": {"waiting": 1, "active": 2, "delayed": 0},
    }
    assert "lanes" not in bench.queues.stats("send_email").shape()


def test_purge_empties_every_lane(bench: Bench) -> None:
    lanes = bench.directory.find("laned").lanes
    for queue in lanes.values():
        bench.queue.send_many(queue, [Outgoing(body="{}")])

    bench.queues.purge("laned", why="a test")

    assert [bench.queue.messages(queue) for queue in lanes.values()] == [[], [], []]


def test_drain_waits_for_every_lane(bench: Bench) -> None:
    lanes = bench.directory.find("laned").lanes
    bench.queue.send_many(lanes["premium"], [Outgoing(body="{}")])

    with pytest.raises(WaitTimeoutError, match="laned still has 1 waiting"):
        bench.queues.drain("laned", timeout=SECOND)
