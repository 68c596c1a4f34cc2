"""max_waiting: who finds no room is refused or parked, as far as SQS can tell."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.client.producer import Greet, NotedQueue, NotedStore
from workerless import (
    Debounce,
    JobType,
    MaxWaiting,
    Priority,
    State,
    Tracking,
    Unique,
    WhenFull,
)
from workerless.cli.exit_code import ExitCode
from workerless.cli.failure import explain
from workerless.client import Client
from workerless.errors import DeclarationError, QueueFullError, QueueUnavailableError
from workerless.flow.lanes import PRIORITIES
from workerless.http.problem import problem_of
from workerless.limits import MAX_DELAY
from workerless.testing.memory import FakeClock
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

SECOND = timedelta(seconds=1)
PARKING = MaxWaiting(limit=3, when_full=WhenFull.PARK)


def greeting(**fields: Any) -> JobType[Greet]:
    options: dict[str, Any] = {"max_waiting": MaxWaiting(limit=3), **fields}
    return JobType(name="greet", payload=Greet, **options)


def names(*told: str) -> Sequence[Greet]:
    return [Greet(name=name) for name in told]


def test_job_that_finds_no_room_is_refused_and_nothing_is_stored(
    client: Client, log: list[str]
) -> None:
    client.enqueue_many(greeting(), names("a", "b"))
    before = list(log)

    with pytest.raises(QueueFullError, match="2 jobs of greet find no room: about 2 of at most 3"):
        client.enqueue_many(greeting(), names("c", "d"))

    assert log == before
    assert not client.enqueue(greeting(), Greet(name="c")).is_duplicate


def test_queue_is_asked_every_two_seconds_at_most(
    client: Client, clock: FakeClock, queue: NotedQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    waiting = queue.waiting

    def noted(address: str) -> int:
        asked.append(address)
        return waiting(address)

    monkeypatch.setattr(queue, "waiting", noted)
    for name in ("a", "b", "c"):
        client.enqueue(greeting(), Greet(name=name))
    queue.purge("workerless-test-greet")

    with pytest.raises(QueueFullError):
        client.enqueue(greeting(), Greet(name="d"))
    clock.advance(2 * SECOND)
    client.enqueue(greeting(), Greet(name="d"))

    assert len(asked) == 2


@pytest.mark.parametrize("tracking", [Tracking.FULL, Tracking.LEAN])
def test_job_that_finds_no_room_is_parked_and_runs_later(tracking: Tracking) -> None:
    job_type = greeting(max_waiting=PARKING, tracking=tracking)
    ran: list[str] = []
    stage = InMemoryStage(worker(job_type)(lambda payload: ran.append(payload.name)))
    stage.client.enqueue_many(job_type, names("a", "b", "c"))

    parked = stage.client.enqueue_many(job_type, names("d", "e", "f"))

    waits = [job.status().run_at - stage.clock.now() for job in parked]
    assert all(MAX_DELAY < wait <= MAX_DELAY + timedelta(minutes=16) for wait in waits)
    assert len(set(waits)) == 3
    assert {job.status().state for job in parked} == {State.SCHEDULED}
    stage.advance(MAX_DELAY)
    assert ran == ["a", "b", "c"]
    stage.advance(timedelta(minutes=16))
    assert set(ran[3:]) == {"d", "e", "f"}


def test_parked_jobs_need_no_room(client: Client) -> None:
    client.enqueue_many(greeting(), names("a", "b", "c"))

    job = client.enqueue(greeting(), Greet(name="d"), delay=timedelta(days=1))

    assert job.status().state is State.SCHEDULED


def test_each_lane_has_its_own_line() -> None:
    job_type = greeting(lanes=PRIORITIES, concurrency=20)
    stage = InMemoryStage(job_type)
    stage.client.enqueue_many(job_type, names("a", "b", "c"))

    with pytest.raises(QueueFullError):
        stage.client.enqueue(job_type, Greet(name="d"))

    stage.client.enqueue(job_type, Greet(name="d"), priority=Priority.CRITICAL)


def test_queue_that_does_not_answer_lets_nobody_pass(
    client: Client, queue: NotedQueue, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_address: str) -> int:
        raise QueueUnavailableError("no answer")

    monkeypatch.setattr(queue, "waiting", silent)

    with pytest.raises(QueueUnavailableError):
        client.enqueue(greeting(), Greet(name="a"))

    assert log == []


def test_job_type_without_a_guard_asks_nobody(
    client: Client, queue: NotedQueue, store: NotedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(type(queue).__mro__[1], "waiting")

    client.enqueue(greeting(max_waiting=None), Greet(name="a"))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"max_waiting": 100}, "max_waiting must be None or a MaxWaiting"),
        ({"max_waiting": PARKING, "tracking": Tracking.OFF}, "REJECT with tracking off"),
        ({"max_waiting": PARKING, "unique": Debounce(wait=SECOND)}, "debounced"),
    ],
)
def test_what_cannot_be_is_refused_by_name(fields: Any, named: str) -> None:
    with pytest.raises(DeclarationError, match=named):
        greeting(**fields)


def test_duplicates_take_no_room_for_long() -> None:
    job_type = greeting(unique=Unique())
    with InMemoryStage(job_type) as stage:
        greet = job_type.payload(name="Ada")
        again = [stage.client.enqueue(job_type, greet).is_duplicate for _ in range(9)]

    assert again == [False] + [True] * 8


def test_line_of_nobody_is_refused() -> None:
    with pytest.raises(DeclarationError, match="limit must be at least 1, got 0"):
        MaxWaiting(limit=0)
    with pytest.raises(DeclarationError, match=r"when_full must be one of WhenFull\.REJECT, "):
        MaxWaiting(limit=1, when_full="park")  # type: ignore[arg-type]


def test_full_queue_has_a_status_and_an_exit_code_of_its_own() -> None:
    full = QueueFullError("too many wait")

    problem, told = problem_of(full), explain(full)

    assert problem
    assert (problem.status, problem.code) == (429, "queue_full")
    assert told == (ExitCode.CONFLICT, "too many wait")


def test_parked_job_is_unique_too() -> None:
    job_type = greeting(max_waiting=PARKING, unique=Unique())
    stage = InMemoryStage(job_type)
    stage.client.enqueue_many(job_type, names("a", "b", "c"))

    first, again = (stage.client.enqueue(job_type, Greet(name="d")) for _ in range(2))

    assert again.id == first.id
    assert first.status().run_at > stage.clock.now() + MAX_DELAY
