"""A process that runs ``import_records`` on the deployed table, until somebody kills it."""

import multiprocessing
import os
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from random import Random
from uuid import uuid4

import boto3

from functions.import_records.handler import Stage, import_file
from functions.import_records.job import ImportRecords, Place, RecordsImported, import_records
from tests.chaos.crew import Only
from tests.chaos.hurry import FACTOR, HurriedClock, HurriedQueue
from tests.chaos.runner import delivery
from workerless.aws.dynamodb import DynamoStore
from workerless.aws.flow.unique import DynamoUniqueStore
from workerless.aws.session import AwsClients
from workerless.aws.table import Table
from workerless.aws.telemetry import PowertoolsTelemetry
from workerless.aws.workflow.containers import DynamoContainers
from workerless.client import Client
from workerless.execution.context import JobContext
from workerless.execution.runtime import Ports
from workerless.local import credentials
from workerless.orchestration.world import Orchestra
from workerless.orders import Orders as OrdersOfBatches
from workerless.ports import Address
from workerless.testing.blobs import InMemoryBlobs
from workerless.worker import worker

# Two real seconds: an import is many stretches, and its lease ends soon after a death.
SHORT = replace(import_records, timeout=timedelta(seconds=2 * FACTOR))
_SLACK = timedelta(seconds=5 + 2 * FACTOR)
_VISIBILITY_SECONDS = 2
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What one process works on, for ``seconds``; each start leaves its row in ``signs``."""

    endpoint: str
    table: str
    bucket: str
    own: Address
    batches: Address
    since: float
    signs: Path
    seconds: float = 120.0


def begin(orders: Orders) -> ForkServerProcess:
    """A process at work."""
    context: ForkServerContext = multiprocessing.get_context("forkserver")
    process = context.Process(target=_work, args=(orders,))
    process.start()
    return process


def client_for(orders: Orders, clients: AwsClients, address: Address) -> Client:
    """Enqueues for one job type, at the pace of the hurried clock."""
    clock = HurriedClock(since=orders.since)
    store = DynamoStore(clients.dynamodb, orders.table, clock)
    queue = HurriedQueue(clients.sqs, clock=clock, rng=Random())
    blobs, directory = InMemoryBlobs(clock), Only(address=address)
    orchestra = Orchestra(
        containers=DynamoContainers(Table(clients.dynamodb, orders.table, clock), clock),
        store=store,
        blobs=blobs,
        queue=queue,
        directory=directory,
        # Nobody saves any rows here, so its batches never end.
        orders=OrdersOfBatches(queue=queue, address="nobody"),
        clock=clock,
        telemetry=PowertoolsTelemetry("chaos"),
        has_time=lambda: True,
    )
    return Client(
        store=store,
        unique=DynamoUniqueStore(clients.dynamodb, orders.table, clock),
        queue=queue,
        blobs=blobs,
        directory=directory,
        clock=clock,
        orchestra=lambda: orchestra,
    )


def _work(orders: Orders) -> None:
    os.environ.update(credentials.dummy(orders.endpoint))
    clients = AwsClients()
    stage = Stage(
        s3=boto3.Session().client("s3", endpoint_url=orders.endpoint),
        bucket=orders.bucket,
        client=client_for(orders, clients, orders.batches),
    )

    def perform(order: ImportRecords, job: JobContext[Place]) -> RecordsImported:
        row = job.cursor.row if job.cursor else 0
        (orders.signs / f"{time.time():.6f} {row}").touch()
        return import_file(order, job, stage)

    runs, give_up_at = worker(SHORT)(perform), time.monotonic() + orders.seconds
    while time.monotonic() < give_up_at:
        for message in clients.sqs.receive_message(
            QueueUrl=orders.own.queue,
            VisibilityTimeout=_VISIBILITY_SECONDS,
            MessageSystemAttributeNames=["All"],
        ).get("Messages", []):
            answer = runs.run([delivery(message)], _ports(orders, clients), SHORT.timeout + _SLACK)
            if not answer["batchItemFailures"]:
                receipt = message["ReceiptHandle"]
                clients.sqs.delete_message(QueueUrl=orders.own.queue, ReceiptHandle=receipt)
        time.sleep(_POLL_SECONDS)


def _ports(orders: Orders, clients: AwsClients) -> Ports:
    clock = HurriedClock(since=orders.since)
    return Ports(
        store=DynamoStore(clients.dynamodb, orders.table, clock),
        queue=HurriedQueue(clients.sqs, clock=clock, rng=Random()),
        blobs=InMemoryBlobs(clock),
        clock=clock,
        telemetry=PowertoolsTelemetry("chaos"),
        rng=Random(),
        new_token=lambda: uuid4().hex,
        queue_address=orders.own.queue,
        dead_letters=orders.own.dead_letters,
    )
