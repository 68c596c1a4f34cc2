"""Pause, resume and circuit breakers on the local cloud."""

import json
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests.e2e.cloud import Cloud
from workerless import State
from workerless.client import Client
from workerless.handle import Job
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

type JobTypes = dict[str, JobType[Any, Any]]
MINUTE = timedelta(minutes=1)
NEEDY = "workerless-local-needy"


def run(cloud: Cloud, *arguments: str) -> str:
    done = cloud.workerless(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def mapping() -> Any:
    functions = boto3.client("lambda")
    (found,) = functions.list_event_source_mappings(FunctionName=NEEDY)["EventSourceMappings"]
    return found


def until(looks_well: Callable[[], bool], seconds: float = 30) -> None:
    give_up_at = time.monotonic() + seconds
    while not looks_well():
        assert time.monotonic() < give_up_at
        time.sleep(0.2)


def states(jobs: Iterable[Job[Any]]) -> set[State]:
    return {job.status().state for job in jobs}


def test_paused_job_type_starts_no_job_not_even_after_a_deployment(
    client: Client, job_types: JobTypes, cloud: Cloud
) -> None:
    needy = job_types["needy"]
    run(cloud, "queues", "drain", "needy", "--pause", "migration", "--timeout", "30s")
    jobs = client.enqueue_many(needy, [needy.payload(number=n) for n in range(5)])

    boto3.client("lambda").update_event_source_mapping(UUID=mapping()["UUID"], Enabled=True)
    boto3.client("lambda").invoke(FunctionName="workerless-local--operator", Payload=b"{}")
    assert mapping()["State"] == "Disabled"
    (paused,) = json.loads(run(cloud, "queues", "stats", "needy", "--json"))["paused"]
    assert paused["why"] == "migration"
    run(cloud, "queues", "resume", "needy")

    assert mapping()["State"] == "Enabled"
    # One that was received while the mapping was on, and held back just then, looks in a minute.
    assert {job.wait(2 * MINUTE).state for job in jobs} == {State.COMPLETED}


def test_paused_tenant_waits_while_others_work_and_runs_once_it_is_resumed(
    client: Client, job_types: JobTypes, cloud: Cloud
) -> None:
    needy = job_types["needy"]
    payloads = [needy.payload(number=n) for n in range(5)]
    run(cloud, "queues", "pause", "needy", "--tenant", "acme", "--why", "floods us")
    time.sleep(2)  # a worker that is warm may know of no pause until then

    held = client.enqueue_many(needy, payloads, tenant="acme")
    others = client.enqueue_many(needy, payloads, tenant="globex")
    assert {job.wait(MINUTE).state for job in others} == {State.COMPLETED}
    until(lambda: {job.status().failed_reason for job in held} == {"paused"})
    assert {(job.status().state, job.status().attempt) for job in held} == {(State.SCHEDULED, 0)}
    run(cloud, "queues", "resume", "needy", "--tenant", "acme")

    ended = [job.wait(MINUTE) for job in held]
    assert {(one.state, one.attempt) for one in ended} == {(State.COMPLETED, 1)}


def test_jobs_wait_while_their_bank_is_down_and_spend_nothing(
    client: Client, job_types: JobTypes
) -> None:
    needy = job_types["needy"]
    down = client.enqueue_many(needy, [needy.payload(number=n, is_down=True) for n in range(2)])
    assert {job.wait(MINUTE).state for job in down} == {State.FAILED}

    waiting = client.enqueue_many(needy, [needy.payload(number=n) for n in range(5)])

    until(lambda: "breaker_open" in {job.status().failed_reason for job in waiting})
    ended = [job.wait(MINUTE) for job in waiting]
    assert {(one.state, one.attempt) for one in ended} == {(State.COMPLETED, 1)}
