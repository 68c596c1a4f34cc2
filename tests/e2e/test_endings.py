"""Jobs that are replaced, called off or too late, on the local cloud."""

import time
from datetime import timedelta
from typing import Any

import pytest

from workerless import State
from workerless.client import Client
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

MINUTE = timedelta(minutes=1)

type JobTypes = dict[str, JobType[Any, Any]]


def test_running_job_that_is_called_off_ends_within_seconds(
    client: Client, job_types: JobTypes
) -> None:
    patient = job_types["patient"]
    job = client.enqueue(patient, patient.payload(user="ada", seconds=25))
    give_up_at = time.monotonic() + 60
    while job.status().state is not State.PROCESSING:
        assert time.monotonic() < give_up_at
        time.sleep(0.2)

    is_over = job.cancel("no use")
    began = time.monotonic()
    ended = job.wait(MINUTE)

    assert not is_over
    assert (ended.state, ended.failed_reason) == (State.CANCELLED, "no use")
    assert time.monotonic() - began < 20  # left alone it would take 25


def test_replaced_job_runs_once_with_the_last_payload(client: Client, job_types: JobTypes) -> None:
    patient = job_types["patient"]
    jobs = [
        client.enqueue(
            patient, patient.payload(user="bob", version=version), delay=timedelta(seconds=5)
        )
        for version in range(4)
    ]

    ended = jobs[0].wait(MINUTE)

    assert len({job.id for job in jobs}) == 1
    assert [job.is_duplicate for job in jobs] == [False, True, True, True]
    assert ended.result is not None
    assert ended.result.version == 3
    assert ended.attempt == 1


def test_job_that_comes_too_late_never_begins(client: Client, job_types: JobTypes) -> None:
    patient = job_types["patient"]
    soon = timedelta(seconds=2)

    job = client.enqueue(
        patient,
        patient.payload(user="cyd"),
        delay=soon,
        expires_in=soon + timedelta(milliseconds=1),
    )
    ended = job.wait(MINUTE)

    assert (ended.state, ended.failed_reason) == (State.CANCELLED, "expired")
    assert (ended.attempt, ended.started_at) == (0, None)
