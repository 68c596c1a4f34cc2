"""Jobs that leave less behind, on the local cloud."""

import time
from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.seen import logged
from workerless import State
from workerless.client import Client
from workerless.errors import JobNotFoundError
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

type JobTypes = dict[str, JobType[Any, Any]]


def test_lean_jobs_end_and_only_the_failed_one_is_listed(
    client: Client, job_types: JobTypes
) -> None:
    lean = job_types["lean"]
    payloads = [lean.payload(number=number, failures=number % 2) for number in range(20)]
    jobs = client.enqueue_many(lean, [*payloads, lean.payload(number=20, failures=2)])

    ended = [job.wait(timedelta(seconds=90)) for job in jobs]

    assert [(one.state, one.attempt) for one in ended[:20]] == [
        (State.COMPLETED, number % 2 + 1) for number in range(20)
    ]
    assert ended[20].failed_reason == "attempts_exhausted"
    listed = {state: client.list("lean", state).records for state in State}
    assert [job.job_id for job in listed.pop(State.FAILED)] == [jobs[20].id]
    assert set(listed.values()) == {()}


def test_untracked_jobs_end_and_leave_their_logs_and_what_is_filed_of_the_dead(
    client: Client, job_types: JobTypes
) -> None:
    untracked = job_types["untracked"]
    payloads = [untracked.payload(number=number, failures=number % 2) for number in range(20)]
    jobs = client.enqueue_many(untracked, payloads)
    failing = client.enqueue(untracked, untracked.payload(number=20, failures=2))

    # The sweeper files it, at the next full minute.
    filed = client.job(failing.id).wait(timedelta(seconds=180))

    assert (filed.state, filed.failed_reason) == (State.FAILED, "attempts_exhausted")
    assert filed.errors[-1].attempt == 2
    completed: set[str] = set()
    give_up_at = time.monotonic() + 60
    while completed != {job.id for job in jobs} and time.monotonic() < give_up_at:
        time.sleep(0.5)
        lines = logged("untracked")
        completed = {str(one["job_id"]) for one in lines if one.get("message") == "job.completed"}
    assert completed == {job.id for job in jobs}
    for job in jobs:
        with pytest.raises(JobNotFoundError):
            client.job(job.id).status()
