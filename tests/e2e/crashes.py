"""Processes that die, set going as soon as the cloud is up: their leases take a while to end."""

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from math import ceil
from random import Random
from typing import Any

import boto3

from tests.e2e import shop
from workerless import naming
from workerless.aws.clock import SystemClock
from workerless.aws.directory import SsmDirectory
from workerless.aws.dynamodb import DynamoStore
from workerless.aws.flow.unique import DynamoUniqueStore
from workerless.aws.session import AwsClients
from workerless.aws.sqs import SqsQueue
from workerless.client import Client, connect
from workerless.handle import Job
from workerless.job_type import JobType
from workerless.run_handle import Run
from workerless.testing.blobs import InMemoryBlobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashes:
    """A job whose process was killed, one that kills its own, and who was beside it.

    And one whose message was taken away before anybody could receive it, some that wait without
    any message and some that run beside them, one that must not be repeated, and the id of one
    whose message lay in the dead-letter queue before it ever started. And orders whose process
    dies while it charges.
    """

    unstarted: str
    forgotten: Job[Any]
    parked: list[Job[Any]]
    beside: list[Job[Any]]
    cautious: Job[Any]
    killed: Job[Any]
    killer: Job[Any]
    neighbours: list[Job[Any]]
    orders: Mapping[str, Run]


# The queue whose visibility timeout is not what its stack says: a doctor would find it.
SHORTENED = "workerless-local-mortal"
# How many jobs wait without a message, to run within a quarter of a minute; and from when on.
PARKED = int(os.environ.get("PARKED_JOBS", "150"))
_SECONDS = 15
_FIRST = timedelta(seconds=100 + PARKED / 500)
_SLOW = timedelta(minutes=14)


class Earlier(SystemClock):
    """A slow clock: what it parks for 15 minutes is due in one."""

    def now(self) -> datetime:
        return super().now() - _SLOW


def begin(job_types: Mapping[str, JobType[Any, Any]]) -> Crashes:
    """boto3 must talk to the cloud while this runs."""
    client, mortal, forgotten = connect("local"), job_types["mortal"], job_types["forgotten"]
    shop.open_shop()
    orders = {customer: shop.order(client, customer) for customer in (shop.KILLED, shop.REFUSED)}
    lost = client.enqueue(forgotten, forgotten.payload(), delay=timedelta(seconds=10))
    _purge("workerless-local-forgotten")
    parked = _park(job_types["noop"])
    beside = _delay(client, job_types["noop"])
    held = client.enqueue(job_types["cautious"], job_types["cautious"].payload())
    _shorten_visibility(SHORTENED)
    unstarted = _put_among_the_dead("workerless-local-forgotten-dead")
    killed = client.enqueue(mortal, mortal.payload(deed="sleep_once"))
    _kill(client, killed.id)
    deeds = ["live"] * 4 + ["exit_process"] + ["live"] * 5
    payloads = [mortal.payload(deed=deed) for deed in deeds]
    jobs = client.enqueue_many(mortal, payloads, attempts=1)
    killer = jobs.pop(4)
    return Crashes(
        unstarted=unstarted,
        forgotten=lost,
        parked=parked,
        beside=beside,
        cautious=held,
        killed=killed,
        killer=killer,
        neighbours=jobs,
        orders=orders,
    )


def _park(noop: JobType[Any, Any]) -> list[Job[Any]]:
    """Jobs that wait a minute and a half, and have no message: only the sweeper sends one."""
    clients, clock = AwsClients(), Earlier()
    early = Client(
        store=DynamoStore(clients.dynamodb, naming.table("local"), clock),
        unique=DynamoUniqueStore(clients.dynamodb, naming.table("local"), clock),
        queue=SqsQueue(clients.sqs, clock=clock, rng=Random()),
        blobs=InMemoryBlobs(clock),
        directory=SsmDirectory(clients.ssm, "local"),
        clock=clock,
    )
    began = time.monotonic()
    payloads = [noop.payload(number=number) for number in range(PARKED)]
    share = ceil(PARKED / _SECONDS)
    jobs = [
        job
        for second, some in enumerate(batched(payloads, share, strict=False))
        for job in early.enqueue_many(noop, some, delay=_SLOW + _FIRST + timedelta(seconds=second))
    ]
    print(f"parked {PARKED} jobs in {time.monotonic() - began:.1f} s")
    return jobs


def _delay(client: Client, noop: JobType[Any, Any]) -> list[Job[Any]]:
    """Jobs of the same seconds whose messages SQS delays: what holds the queue up holds them."""
    return [
        client.enqueue(noop, noop.payload(number=number), delay=_FIRST + timedelta(seconds=second))
        for number, second in enumerate(sorted(2 * [*range(_SECONDS)]))
    ]


def _purge(name: str) -> None:
    sqs = boto3.client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])


def _put_among_the_dead(name: str) -> str:
    """As SQS' own fuse would, without a word; and have the sweeper look at once."""
    sqs, functions = boto3.client("sqs"), boto3.client("lambda")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    message_id = sqs.send_message(QueueUrl=url, MessageBody="{}")["MessageId"]
    functions.invoke(FunctionName="workerless-local--sweeper", Payload=b"{}")
    return message_id


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
