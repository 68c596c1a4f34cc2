"""Processes that die, set going as soon as the cloud is up: their leases take a while to end."""

import os
import signal
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3

from workerless.client import Client
from workerless.handle import Job
from workerless.job_type import JobType


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashes:
    """A job whose process was killed, one that kills its own, and who was beside it.

    And one whose message was taken away before anybody could receive it.
    """

    forgotten: Job[Any]
    killed: Job[Any]
    killer: Job[Any]
    neighbours: list[Job[Any]]


def begin(client: Client, mortal: JobType[Any, Any], forgotten: JobType[Any, Any]) -> Crashes:
    """boto3 must talk to the cloud while this runs."""
    lost = client.enqueue(forgotten, forgotten.payload(), delay=timedelta(seconds=10))
    _purge("workerless-local-forgotten")
    _shorten_visibility("workerless-local-mortal")
    killed = client.enqueue(mortal, mortal.payload(deed="sleep_once"))
    _kill(client, killed.id)
    deeds = ["live"] * 4 + ["exit_process"] + ["live"] * 5
    payloads = [mortal.payload(deed=deed) for deed in deeds]
    jobs = client.enqueue_many(mortal, payloads, attempts=1)
    killer = jobs.pop(4)
    return Crashes(forgotten=lost, killed=killed, killer=killer, neighbours=jobs)


def _purge(name: str) -> None:
    sqs = boto3.client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])


def _shorten_visibility(name: str) -> None:
    """Messages return after 5 s; the lease, which no setting shortens, still holds them back."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})


def _kill(client: Client, job_id: str) -> None:
    """End the process of a running job, found by what the job says of itself."""
    give_up_at = time.monotonic() + 30
    while time.monotonic() < give_up_at:
        status = client.job(job_id).status()
        if status.progress is not None and status.progress.step is not None:
            os.kill(int(status.progress.step), signal.SIGKILL)
            return
        time.sleep(0.02)
    raise AssertionError("the job never started")
