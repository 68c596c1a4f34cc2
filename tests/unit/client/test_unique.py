"""Unique jobs, from their caller's side: one of those that are alike, and its handle."""

from datetime import timedelta
from typing import Any

import pytest

from workerless import Debounce, JobType, OnDuplicate, Payload, State, Unique, Until
from workerless.errors import EnqueueRefusedError, JobConflictError
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

MINUTE = timedelta(minutes=1)


class Sync(Payload):
    """Bring a user up to date."""

    user: str
    version: int = 0
    kind: str = "profile"


class Office:
    """A job type with a rule, its worker, and what that has run."""

    def __init__(self, rule: Any) -> None:
        self.type: JobType[Sync] = JobType(name="sync", payload=Sync, unique=rule)
        self.ran: list[int] = []
        self.failures = 0
        self.stage = InMemoryStage(worker(self.type)(self._perform))
        self.clock = self.stage.clock

    def _perform(self, payload: Sync) -> None:
        self.ran.append(payload.version)
        if len(self.ran) <= self.failures:
            raise RuntimeError

    def enqueue(self, version: int, *, user: str = "ada", **options: Any) -> Any:
        return self.stage.client.enqueue(self.type, Sync(user=user, version=version), **options)

    @property
    def sent(self) -> int:
        doubles = self.stage.doubles
        return len(doubles.queue.messages(doubles.directory.find("sync").queue))


BY_USER = Unique(by=("user",))
REPLACE = Unique(by=("kind",), until=Until.STARTED, on_duplicate=OnDuplicate.REPLACE)
KEEP_LAST = Unique(by=("user",), until=Until.STARTED, on_duplicate=OnDuplicate.KEEP_LAST)


def test_duplicate_has_the_handle_of_the_first_and_runs_nothing() -> None:
    office = Office(BY_USER)

    first, second = office.enqueue(1), office.enqueue(2)
    office.stage.run_all()

    assert (first.is_duplicate, second.is_duplicate) == (False, True)
    assert first.id == second.id
    assert office.ran == [1]
    assert second.status().data == {"user": "ada", "version": 1, "kind": "profile"}


def test_next_one_is_enqueued_once_the_first_is_done() -> None:
    office = Office(BY_USER)
    first = office.enqueue(1)
    office.stage.run_all()

    second = office.enqueue(2)
    office.stage.run_all()

    assert second.id != first.id
    assert office.ran == [1, 2]


def test_other_keys_and_other_tenants_are_not_held_up() -> None:
    office = Office(BY_USER)
    office.enqueue(1)

    other = office.stage.client.enqueue(office.type, Sync(user="bob"))

    assert not other.is_duplicate
    assert not office.enqueue(2, tenant="acme").is_duplicate


def test_replaced_job_runs_once_with_the_last_payload() -> None:
    office = Office(REPLACE)

    jobs = [office.enqueue(version) for version in (1, 2, 3)]
    office.stage.run_all()

    assert len({job.id for job in jobs}) == 1
    assert office.ran == [3]
    assert jobs[0].status().data == {"user": "ada", "version": 3, "kind": "profile"}


def test_replaced_job_keeps_its_place_in_the_queue() -> None:
    office = Office(REPLACE)

    for version in range(30):
        office.enqueue(version)

    assert office.sent == 1
    office.stage.drain()
    assert office.ran == [29]


def test_big_payload_is_replaced_too() -> None:
    office = Office(REPLACE)
    office.enqueue(1, user="x" * 200_000)

    office.enqueue(2)
    office.enqueue(3, user="y" * 300_000)
    office.stage.run_all()

    assert office.ran == [3]


def test_replaced_payload_is_that_of_every_attempt() -> None:
    office = Office(REPLACE)
    office.failures = 1
    office.enqueue(1)
    office.enqueue(2)

    office.stage.run_all()

    assert office.ran == [2, 2]


def test_replaced_job_takes_the_time_of_the_last() -> None:
    office = Office(REPLACE)
    office.enqueue(1, delay=timedelta(days=1))

    office.enqueue(2, delay=MINUTE)
    office.stage.advance(MINUTE)

    assert office.ran == [2]


def test_superseded_job_is_cancelled_and_the_last_one_runs() -> None:
    office = Office(KEEP_LAST)

    first, second = office.enqueue(1), office.enqueue(2)
    office.stage.run_all()

    assert not second.is_duplicate
    assert first.status().state is State.CANCELLED
    assert first.status().failed_reason == "superseded"
    assert office.ran == [2]


def test_debounced_calls_come_to_one_job_after_the_last() -> None:
    office = Office(Debounce(wait=MINUTE, by=("user",)))
    for version in range(5):
        office.enqueue(version)
        office.stage.advance(MINUTE / 2)

    assert office.ran == []
    office.stage.advance(MINUTE / 2)

    assert office.ran == [4]


def test_debounced_calls_without_end_run_once_in_a_longest_delay() -> None:
    office = Office(Debounce(wait=MINUTE, by=("user",), max_delay=2 * MINUTE))

    for version in range(12):
        office.enqueue(version)
        office.stage.advance(MINUTE / 2)

    assert office.ran == [3, 7, 11]


def test_leading_call_runs_at_once_and_the_last_of_the_others_later() -> None:
    office = Office(Debounce(wait=MINUTE, by=("user",), leading=True))

    for version in range(4):
        office.enqueue(version)
        office.stage.drain()
    office.stage.run_all()

    assert office.ran == [0, 3]


def test_debounced_job_parks_where_it_waits_long() -> None:
    office = Office(Debounce(wait=timedelta(hours=1), by=("user",)))
    office.enqueue(1)
    office.enqueue(2)
    assert office.sent == 0

    office.stage.run_all()

    assert office.ran == [2]


def test_debounced_job_takes_no_delay() -> None:
    office = Office(Debounce(wait=MINUTE))

    with pytest.raises(EnqueueRefusedError, match="delay must be 0 s: sync is debounced"):
        office.enqueue(1, delay=MINUTE)


def test_equal_keys_in_one_call_are_one_job() -> None:
    office = Office(BY_USER)
    payloads = [Sync(user=user, version=n) for n, user in enumerate(("ada", "bob", "ada", "ada"))]

    jobs = office.stage.client.enqueue_many(office.type, payloads)
    office.stage.run_all()

    assert [job.is_duplicate for job in jobs] == [False, False, True, True]
    assert jobs[0].id == jobs[2].id == jobs[3].id
    assert office.ran == [0, 1]


def test_own_id_counts_for_more_than_the_key() -> None:
    office = Office(BY_USER)
    office.enqueue(1, job_id="mine")

    again = office.enqueue(1, job_id="mine")
    with pytest.raises(JobConflictError):
        office.enqueue(2, job_id="mine")

    assert again.is_duplicate
    assert again.id == "mine"
    assert office.enqueue(2, job_id="other").id == "mine"


def test_cancelled_job_makes_room() -> None:
    office = Office(Unique(until=Until.WINDOW_OVER, within=timedelta(hours=1), by=("user",)))
    office.enqueue(1).cancel()

    assert not office.enqueue(2).is_duplicate
    office.stage.run_all()
    assert office.enqueue(3).is_duplicate
    office.stage.advance(timedelta(hours=1))
    assert not office.enqueue(4).is_duplicate
