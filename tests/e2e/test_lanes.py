"""Lanes on the local cloud: what is urgent waits behind no backlog, and each job keeps its lane."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.seen import logged
from workerless import Priority, State
from workerless.client import Client
from workerless.job_type import JobType
from workerless.operating import operate
from workerless.ports import Address

pytestmark = pytest.mark.local_cloud

type JobTypes = dict[str, JobType[Any, Any]]
BACKLOG, RUN = 5_000, timedelta(seconds=10)
MINUTE = timedelta(minutes=1)


def test_critical_job_starts_within_the_time_of_a_running_one_behind_5000_normal_ones(
    client: Client, job_types: JobTypes, address: Callable[[str], Address]
) -> None:
    laned = job_types["laned"]
    slow = laned.payload(number=0, seconds=RUN.total_seconds())
    client.enqueue(laned, laned.payload(number=1), priority=Priority.CRITICAL).wait(MINUTE)  # warm
    client.enqueue_many(laned, [slow] * BACKLOG)
    queue = boto3.client("sqs")
    try:
        ended = [
            client.enqueue(laned, laned.payload(number=n), priority=Priority.CRITICAL).wait(MINUTE)
            for n in range(5)
        ]
        left = queue.get_queue_attributes(
            QueueUrl=address("laned").queue, AttributeNames=["ApproximateNumberOfMessages"]
        )
    finally:
        queue.purge_queue(QueueUrl=address("laned").queue)

    assert int(left["Attributes"]["ApproximateNumberOfMessages"]) > BACKLOG - 500
    assert {one.state for one in ended} == {State.COMPLETED}
    waits = [one.started_at - one.enqueued_at for one in ended if one.started_at]
    print("waits of critical jobs:", *waits)
    assert max(waits) < RUN


@pytest.mark.parametrize("priority", Priority)
def test_job_that_fails_and_comes_back_stays_in_its_lane(
    priority: Priority, client: Client, job_types: JobTypes, cloud: Cloud
) -> None:
    laned = job_types["laned"]

    job = client.enqueue(laned, laned.payload(number=1, failures=2), priority=priority)

    ended = job.wait(MINUTE)
    assert (ended.state, ended.attempt, ended.lane) == (State.COMPLETED, 3, priority.lane)
    stats = json.loads(cloud.workerless("queues", "stats", "laned", "--json").stdout)
    assert set(stats["lanes"]) == {"critical", "high", "normal", "low"}


def test_bare_message_in_a_lanes_queue_is_of_that_lane_and_is_retried_there(
    client: Client, address: Callable[[str], Address], aws: None
) -> None:
    parameter = boto3.client("ssm").get_parameter(Name="/workerless/local/job-types/laned")
    lanes = json.loads(parameter["Parameter"]["Value"])["lanes"]
    assert lanes["normal"] == address("laned").queue

    sent = boto3.client("sqs").send_message(
        QueueUrl=lanes["low"], MessageBody=json.dumps({"number": 1, "failures": 1})
    )

    ended = client.job(sent["MessageId"]).wait(MINUTE)
    assert (ended.state, ended.attempt, ended.lane) == (State.COMPLETED, 2, "low")


def test_failed_job_runs_again_in_its_lane(
    client: Client, job_types: JobTypes, cloud: Cloud
) -> None:
    laned = job_types["laned"]
    job = client.enqueue(laned, laned.payload(number=7, failures=3), priority=Priority.HIGH)
    assert job.wait(MINUTE).failed_reason == "attempts_exhausted"

    operate("local", root=cloud.root).dead.retry(job.id, data={"number": 7})

    assert job.wait(MINUTE).state is State.COMPLETED
    told = {line["queue"] for line in logged("laned") if line.get("job_id") == job.id}
    assert told == {"workerless-local-laned--high"}
