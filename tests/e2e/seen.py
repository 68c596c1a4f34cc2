"""What is seen of jobs from outside: log lines, dead letters, ends."""

import json
import time
from datetime import timedelta
from typing import Any

import boto3

from workerless.client import Client
from workerless.ports import Address


def logged(name: str) -> list[dict[str, Any]]:
    """The structured lines of a function, once the emulator has shown them all."""
    pages = boto3.client("logs").get_paginator("filter_log_events")
    events = [
        event["message"]
        for page in pages.paginate(logGroupName=f"/aws/lambda/workerless-local-{name}")
        for event in page["events"]
    ]
    return [json.loads(event) for event in events if event.startswith("{")]


def wait_for(client: Client, job_id: str) -> Any:
    return client.job(job_id).wait(timedelta(seconds=60))


def reason_of(letter: Any) -> str:
    return str(letter["MessageAttributes"]["reason"]["StringValue"])


def dead_letters(address: Address, job_ids: set[str]) -> list[Any]:
    """The dead letters of these jobs; other tests' letters stay where they are."""
    sqs = boto3.client("sqs")
    found: dict[str, Any] = {}
    give_up_at = time.monotonic() + 60
    while len(found) < len(job_ids) and time.monotonic() < give_up_at:
        answer = sqs.receive_message(
            QueueUrl=address.dead_letters,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            VisibilityTimeout=5,
            MessageAttributeNames=["All"],
        )
        for letter in answer.get("Messages", []):
            job_id = letter["MessageAttributes"]["job_id"]["StringValue"]
            if job_id in job_ids:
                found[job_id] = letter
                sqs.delete_message(
                    QueueUrl=address.dead_letters, ReceiptHandle=letter["ReceiptHandle"]
                )
    return list(found.values())
