"""What jobs do is told to an event bus of the local cloud, by the table's stream."""

import json
import time
from datetime import timedelta
from typing import Any

import boto3
import pytest

from workerless.client import Client
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud


def test_ends_of_jobs_are_told_whoever_ends_them(
    client: Client, job_types: dict[str, JobType[Any, Any]]
) -> None:
    clients: list[Any] = [boto3.client(name) for name in ("sqs", "events")]
    sqs, events = clients
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = {"source": ["workerless"], "detail": {"jobType": ["noop"]}}
    events.put_rule(Name="told", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="told", Targets=[{"Id": "q", "Arn": arn["QueueArn"]}])
    noop = job_types["noop"]

    done = client.enqueue(noop, noop.payload(number=1))
    called_off = client.enqueue(noop, noop.payload(number=2), delay=timedelta(hours=1))
    called_off.cancel("no longer wanted")

    told = _received(sqs, url, {done.id, called_off.id})
    assert told[done.id]["detail-type"] == "Job Completed"
    assert told[called_off.id]["detail-type"] == "Job Cancelled"
    assert told[done.id]["detail"]["id"] == f"{done.id}/1/1/completed"
    assert told[done.id]["detail"]["stage"] == "local"


def _received(sqs: Any, url: str, job_ids: set[str]) -> dict[str, Any]:
    """The first event of each job."""
    told: dict[str, Any] = {}
    give_up_at = time.monotonic() + 60
    while not job_ids <= told.keys() and time.monotonic() < give_up_at:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2)
        for one in answer.get("Messages", []):
            event = json.loads(one["Body"])
            told.setdefault(event["detail"]["jobId"], event)
    return told
