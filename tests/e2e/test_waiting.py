"""Events, tokens, results and chunks on the local cloud."""

import time
from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.asking import Ask
from workerless import State
from workerless.client import Client
from workerless.errors import JobStateError
from workerless.handle import Job
from workerless.job_type import JobType
from workerless.waiting import wait_all

pytestmark = pytest.mark.local_cloud

MINUTE = timedelta(minutes=1)

type JobTypes = dict[str, JobType[Any, Any]]


def waiting(client: Client, job_types: JobTypes, **payload: Any) -> Job[Any]:
    """A job that has begun to wait."""
    job = client.enqueue(job_types["awaited"], job_types["awaited"].payload(**payload))
    for _ in range(240):
        if job.status().failed_reason == "event:word":
            return job
        time.sleep(0.25)
    raise AssertionError(f"{job.id} does not wait: {job.status()}")


def test_job_waits_without_a_message_and_goes_on_within_seconds(
    client: Client, job_types: JobTypes
) -> None:
    job = waiting(client, job_types)
    asked = job.status()

    began = time.monotonic()
    job.send_event("word", {"by": "grace"})
    job.send_event("word", {"by": "grace"})
    with pytest.raises(JobStateError, match="the first one counts"):
        job.send_event("word", {"by": "eve"})
    ended = job.wait(MINUTE)

    assert (asked.state, asked.attempt) == (State.SCHEDULED, 0)
    assert ended.state is State.COMPLETED
    assert ended.result is not None
    assert (ended.result.by, ended.result.attempt) == ("grace", 1)
    assert time.monotonic() - began < 20


def test_nobody_says_a_word(client: Client, job_types: JobTypes) -> None:
    job = waiting(client, job_types, seconds=3)

    ended = job.wait(MINUTE)

    assert ended.result is not None
    assert ended.result.by is None


def test_bearer_of_a_token_decides_over_http(ask: Ask, client: Client, job_types: JobTypes) -> None:
    job = waiting(client, job_types)
    progress = job.status().progress
    assert progress is not None
    door = f"/events/{progress.meta['token']}"
    word = {"data": {"by": "hopper"}}

    told = [
        ask("POST", path, body, signed=False)[0]
        for path, body in (
            ("/events/0123456789abcdef", word),
            (door, word),
            (door, word),
            (door, {"data": {"by": "eve"}}),
        )
    ]
    status, ended = ask("GET", f"/jobs/{job.id}?wait=20")

    assert told == [404, 202, 202, 409]
    assert (status, ended["state"], ended["result"]["by"]) == (200, "completed", "hopper")


def test_operator_sends_an_event_over_http(ask: Ask, client: Client, job_types: JobTypes) -> None:
    job = waiting(client, job_types)

    told = ask("POST", f"/jobs/{job.id}/events/word", {"data": {"by": "ada"}})

    assert told == (202, {"jobId": job.id, "name": "word"})
    result = job.wait(MINUTE).result
    assert result is not None
    assert result.by == "ada"


def test_answer_comes_when_patience_ends(ask: Ask, client: Client, job_types: JobTypes) -> None:
    job = waiting(client, job_types)
    began = time.monotonic()

    status, shown = ask("GET", f"/jobs/{job.id}?wait=3")

    assert (status, shown["state"]) == (200, "scheduled")
    assert 3 <= time.monotonic() - began < 20
    job.cancel()


def test_many_jobs_are_taken_several_at_once_and_end_one_by_one(
    client: Client, job_types: JobTypes
) -> None:
    chunked = job_types["chunked"]

    jobs = client.enqueue_many(chunked, [chunked.payload(number=n) for n in range(30)])
    statuses = wait_all(jobs, 2 * MINUTE)

    assert {status.state for status in statuses} == {State.COMPLETED}
    assert [status.attempt for status in statuses] == [1 + (n % 7 == 0) for n in range(30)]
    results = [status.result for status in statuses if status.result is not None]
    assert max(result.together for result in results) > 1
