"""enqueue: a job goes into the lane that its caller names, or is refused."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from workerless import PRIORITIES, TIERS, JobType, Payload, Priority, Tracking
from workerless.errors import EnqueueRefusedError
from workerless.testing.memory import FakeClock
from workerless.testing.stage import InMemoryStage

HOUR = timedelta(hours=1)


class Task(Payload):
    """What a test has done."""


URGENT = JobType(name="urgent", payload=Task, concurrency=8, lanes=PRIORITIES)
TIERED = JobType(name="tiered", payload=Task, concurrency=10, lanes=TIERS, tracking=Tracking.LEAN)
PLAIN = JobType(name="plain", payload=Task)
QUEUES = {
    "critical": "workerless-test-urgent--critical",
    "high": "workerless-test-urgent--high",
    "normal": "workerless-test-urgent",
    "low": "workerless-test-urgent--low",
}


@pytest.fixture
def stage() -> Iterator[InMemoryStage]:
    with InMemoryStage(URGENT, TIERED, PLAIN, clock=FakeClock()) as made:
        yield made


def queue_of(stage: InMemoryStage, job_id: str) -> list[str]:
    """Every queue with a message of the job."""
    return [
        queue
        for address in stage.doubles.directory.all()
        for queue in address.queues
        for outgoing in stage.doubles.queue.messages(queue)
        if f'"{job_id}"' in outgoing.body
    ]


@pytest.mark.parametrize("priority", [*Priority, 1, 5, 10, 20, "critical", "low"])
def test_priority_names_the_lane(stage: InMemoryStage, priority: Priority | int | str) -> None:
    job = stage.client.enqueue(URGENT, Task(), priority=priority)

    lane = job.status().lane
    assert lane in {"critical", "high", "normal", "low"}
    assert queue_of(stage, job.id) == [QUEUES[lane]]
    stage.assert_enqueued(URGENT, lane=lane, count=1)


def test_job_without_a_word_goes_into_the_default_lane(stage: InMemoryStage) -> None:
    job = stage.client.enqueue(URGENT, Task())

    assert (job.status().lane, queue_of(stage, job.id)) == ("normal", [QUEUES["normal"]])


def test_many_jobs_of_one_call_go_into_their_lane(stage: InMemoryStage) -> None:
    jobs = stage.client.enqueue_many(TIERED, [Task() for _ in range(12)], lane="free")

    found = {queue for job in jobs for queue in queue_of(stage, job.id)}
    assert found == {"workerless-test-tiered--free"}
    stage.assert_enqueued(TIERED, lane="free", count=12)


def test_foreign_job_goes_into_the_lane_that_is_deployed(stage: InMemoryStage) -> None:
    named = stage.client.enqueue_json("urgent", {}, priority=1)
    other = stage.client.enqueue_json("urgent", {})

    assert queue_of(stage, named.id) == [QUEUES["critical"]]
    assert queue_of(stage, other.id) == [QUEUES["normal"]]


@pytest.mark.parametrize(
    ("job_type", "options", "message", "field"),
    [
        (
            URGENT,
            {"priority": 3},
            r"priority must be one of critical \(1\), high \(5\)",
            "priority",
        ),
        (URGENT, {"lane": "vip"}, r"lane must be .* \(critical, high, normal, low\)", "lane"),
        (URGENT, {"lane": "low", "priority": 1}, "give a priority or a lane, not both", "lane"),
        (TIERED, {"priority": "high"}, r"the lanes of tiered \(premium, standard", "priority"),
        (PLAIN, {"priority": 10}, "priority must be left out: job type plain has no", "priority"),
        (PLAIN, {"lane": "normal"}, "lane must be left out: job type plain has no", "lane"),
    ],
)
def test_lane_that_is_not_declared_is_refused(
    stage: InMemoryStage,
    job_type: JobType[Task],
    options: dict[str, Any],
    message: str,
    field: str,
) -> None:
    with pytest.raises(EnqueueRefusedError, match=message) as refused:
        stage.client.enqueue(job_type, Task(), **options)
    with pytest.raises(EnqueueRefusedError, match=message):
        stage.client.enqueue_json(job_type.name, {}, **options)

    assert refused.value.field == field
    assert stage.enqueued() == []


def test_same_job_in_another_lane_is_the_same_job(stage: InMemoryStage) -> None:
    first = stage.client.enqueue(URGENT, Task(), job_id="same", priority="low")

    again = stage.client.enqueue(URGENT, Task(), job_id="same", priority="critical")

    assert again.is_duplicate
    assert first.status().lane == "low"
    assert set(queue_of(stage, "same")) == {QUEUES["low"]}


def test_promoted_job_stays_in_its_lane(stage: InMemoryStage) -> None:
    job = stage.client.enqueue(URGENT, Task(), priority=Priority.HIGH, delay=HOUR)
    assert queue_of(stage, job.id) == []

    stage.client.promote(job.id)

    assert queue_of(stage, job.id) == [QUEUES["high"]]


def test_critical_job_waits_when_it_is_told_to(stage: InMemoryStage) -> None:
    stage.client.enqueue(URGENT, Task(), priority=Priority.CRITICAL, delay=HOUR)

    stage.assert_enqueued(URGENT, lane="critical", delay=HOUR)
