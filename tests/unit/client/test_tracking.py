"""enqueue of job types that are tracked less: what is stored, what is sent, what is refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.client.producer import ADA, QUEUE, SECOND, Greet, NotedQueue, greet
from workerless.client import Client
from workerless.errors import (
    EnqueueFailedError,
    EnqueueRefusedError,
    JobConflictError,
    JobNotFoundError,
)
from workerless.message import read
from workerless.tracking import Tracking

LEAN = replace(greet, tracking=Tracking.LEAN)
OFF = replace(greet, tracking=Tracking.OFF)
LONG = timedelta(hours=1)


@pytest.mark.parametrize("job_type", [LEAN, OFF], ids=["lean", "off"])
def test_message_is_all_there_is_and_says_so(
    client: Client, queue: NotedQueue, log: list[str], job_type: Any
) -> None:
    job = client.enqueue(
        job_type,
        ADA,
        job_id="a",
        delay=SECOND * 3,
        attempts=2,
        tenant="acme",
        parent_id="p",
        traceparent="t",
    )

    assert log == ["sent a"]
    (outgoing,) = queue.messages(QUEUE)
    message = read(outgoing.body, job_type="greet", message_id="")
    assert (message.generation, message.attempts, message.job_id) == (None, 2, job.id)
    assert (message.tenant, message.parent_id, message.traceparent) == ("acme", "p", "t")
    assert (outgoing.delay, outgoing.group) == (SECOND * 3, "acme")


def test_message_of_a_recorded_job_leaves_its_attempts_to_the_record(
    client: Client, queue: NotedQueue
) -> None:
    client.enqueue(greet, ADA, attempts=2)

    (outgoing,) = queue.messages(QUEUE)
    message = read(outgoing.body, job_type="greet", message_id="")
    assert (message.generation, message.attempts) == (1, None)


def test_lean_job_that_is_parked_is_stored_and_not_sent(client: Client, log: list[str]) -> None:
    client.enqueue(LEAN, ADA, job_id="a", delay=LONG)

    assert log == ["stored a"]


def test_lean_call_that_uses_an_id_twice_sends_one_message(client: Client, log: list[str]) -> None:
    jobs = client.enqueue_many(LEAN, [ADA, ADA], idempotency_key=lambda one: one.name)

    assert [job.is_duplicate for job in jobs] == [False, True]
    assert log == [f"sent {jobs[0].id}"]


def test_lean_call_with_two_payloads_under_one_id_sends_the_first_and_tells(
    client: Client, queue: NotedQueue
) -> None:
    payloads = [ADA, Greet(name="Ada", share=1)]

    with pytest.raises(JobConflictError):
        client.enqueue_many(LEAN, payloads, idempotency_key=lambda one: one.name)

    (outgoing,) = queue.messages(QUEUE)
    assert read(outgoing.body, job_type="greet", message_id="").data["share"] == 0


@pytest.mark.parametrize("job_type", [LEAN, OFF], ids=["lean", "off"])
def test_message_that_is_not_accepted_is_told(
    client: Client, queue: NotedQueue, job_type: Any
) -> None:
    queue.failing.add("Ada")

    with pytest.raises(EnqueueFailedError) as caught:
        client.enqueue_many(job_type, [ADA, Greet(name="Bob")])

    assert list(caught.value.failures) == ["id-1"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"delay": timedelta(minutes=16)}, "delay must be between 0 s and 0:15:00 with tracking"),
        ({"delay": -SECOND}, "delay must be between 0 s and 0:15:00 with tracking off"),
        ({"idempotency_key": "k"}, "idempotency_key must be None, since tracking of greet is off"),
        ({"attempts": 4}, "attempts must be between 1 and the job type's own 3, got 4"),
    ],
)
def test_what_takes_a_record_is_refused_with_tracking_off(
    client: Client, log: list[str], options: Any, words: str
) -> None:
    with pytest.raises(EnqueueRefusedError, match=words):
        client.enqueue(OFF, ADA, **options)

    assert log == []


def test_lean_delay_is_refused_as_any_other(client: Client) -> None:
    with pytest.raises(EnqueueRefusedError, match="delay must be between 0 s and 3650 days"):
        client.enqueue(LEAN, ADA, delay=timedelta(days=3651))


def test_handle_of_an_untracked_job_says_why_it_knows_nothing(client: Client) -> None:
    job = client.enqueue(OFF, ADA)

    for ask in (job.status, job.wait, job.cancel):
        with pytest.raises(JobNotFoundError, match="tracking of greet is off"):
            ask()
