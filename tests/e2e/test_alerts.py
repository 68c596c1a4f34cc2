"""On deployed stacks: a job that takes long is seen to live, and people hear of one that failed."""

import json
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from workerless import naming
from workerless.client import Client
from workerless.inspecting import inspect
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud
# The sweeper comes each minute, and what failed half a minute before waits for the next.
PATIENCE_SECONDS = 240


def until[T](found: Callable[[], T | None]) -> T:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        one = found()
        if one is not None:
            return one
        time.sleep(1)
    raise AssertionError("it never came")


def test_long_job_is_seen_to_live_and_people_hear_of_one_that_failed(
    client: Client, job_types: dict[str, JobType[Any, Any]]
) -> None:
    clients: list[Any] = [boto3.client(name) for name in ("sns", "sqs")]
    sns, sqs = clients
    url = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    (topic,) = (
        one["TopicArn"]
        for one in sns.list_topics()["Topics"]
        if one["TopicArn"].endswith(f":{naming.failed_jobs_topic('local')}")
    )
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"], Attributes=raw)
    patient, act = job_types["patient"], job_types["act"]
    until(inspect("local").doctor.pulses.last)  # from its first run on it tells

    long = client.enqueue(patient, patient.payload(user="eve", seconds=45))
    client.enqueue(act, act.payload(deed="fail"))

    beat = until(lambda: long.status().last_heartbeat)
    assert 29 < (beat - (long.status().started_at or beat)).total_seconds() < 45
    told = until(lambda: _told(sqs, url))
    assert (told["jobType"], told["state"], told["errorType"]) == ("act", "failed", "Fail")
    for one in clients:
        one.close()


def _told(sqs: Any, url: str) -> dict[str, Any] | None:
    """What people heard of jobs that said they never work: ours, or another test's."""
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2)
    for message in answer.get("Messages", []):
        for group in json.loads(message["Body"])["groups"]:
            if (group["jobType"], group["reason"]) == ("act", "rejected"):
                told: dict[str, Any] = group
                return told
    return None
