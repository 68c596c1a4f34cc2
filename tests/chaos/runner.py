"""A worker that is no Lambda function: it receives its messages itself, and can be told to die.

The library's own ``Worker`` over its own AWS adapters, in a process of its own. ``Death`` ends it,
as ``kill -9`` does, right before or right after one of the calls that it makes; the last call of a
message is its acknowledgement.
"""

import multiprocessing
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from tests.chaos import ledger
from tests.chaos.hurry import FACTOR, HurriedClock, HurriedQueue
from workerless import Fail, Fixed, JobType, Payload, Result
from workerless.aws.dynamodb import DynamoStore
from workerless.aws.session import AwsClients
from workerless.aws.telemetry import PowertoolsTelemetry
from workerless.execution.context import JobContext
from workerless.execution.runtime import Ports
from workerless.local import credentials
from workerless.testing.blobs import InMemoryBlobs
from workerless.worker import Worker, worker

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

type Deed = Literal["return", "progress", "step", "raise", "fail"]
type Side = Literal["before", "after"]

KILLED = 9
_POLL_SECONDS = 0.05
_VISIBILITY_SECONDS = 2
# What an invocation has beyond its job's timeout: five seconds to settle it, and on the hurried
# clock four real ones for a busy machine.
_SLACK = timedelta(seconds=5 + 4 * FACTOR)


class Work(Payload):
    """Does ``deed``; with a folder for ``signs``, attempts sleep until they are woken."""

    deed: Deed
    signs: str | None = None


class Worked(Result):
    """The attempt that did it."""

    attempt: int


mortal = JobType(
    name="mortal",
    payload=Work,
    result=Worked,
    retry=Fixed(attempts=2, delay=timedelta(seconds=5)),
    timeout=timedelta(seconds=1),
)
# Its attempts sleep in real seconds, which no clock hurries.
sleeper = JobType(
    name="sleeper",
    payload=Work,
    result=Worked,
    retry=Fixed(attempts=2, delay=timedelta(seconds=5)),
    timeout=timedelta(seconds=30),
)
JOB_TYPES = {job_type.name: job_type for job_type in (mortal, sleeper)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """At which of the process's calls, from 1, and on which side of it."""

    call: int
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What one process works on. It ends after ``messages`` of them, or after ``seconds``.

    What it calls is noted in ``folder``.
    """

    endpoint: str
    job_type: str
    table: str
    queues: tuple[tuple[str, str], ...]
    since: float
    folder: Path | None = None
    messages: int = 1
    seconds: float = 60.0
    death: Death | None = None


def begin(orders: Orders) -> ForkServerProcess:
    """A process at work. It forks from one that has loaded everything: a start costs little."""
    context: ForkServerContext = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_work, args=(orders,))
    process.start()
    return process


def perform(payload: Work, job: JobContext) -> Worked:
    """As told; a first attempt that sleeps wakes up as a zombie."""
    if payload.signs is not None:
        _sleep(Path(payload.signs), job)
        if job.attempt > 1:
            return Worked(attempt=job.attempt)
    match payload.deed:
        case "progress":
            job.progress(50, step=f"attempt {job.attempt}")
        case "step":
            job.once("number", lambda: job.attempt)
        case "raise":
            raise RuntimeError("as told")
        case "fail":
            raise Fail("as told")
    return Worked(attempt=job.attempt)


def wait_for(sign: Path, seconds: float = 60.0) -> None:
    """Signs are files; raises ``AssertionError`` when one does not appear."""
    give_up_at = time.monotonic() + seconds
    while not sign.exists():
        assert time.monotonic() < give_up_at, f"{sign} never came"
        time.sleep(_POLL_SECONDS)


def _sleep(signs: Path, job: JobContext) -> None:
    (signs / f"asleep {job.attempt}").touch()
    wait_for(signs / f"wake {job.attempt}")


class _Calls:
    """Counts and names the calls that a process makes, and ends it at one of them."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._made = 0

    def watch(self, clients: AwsClients) -> None:
        for events in (clients.dynamodb.meta.events, clients.sqs.meta.events):
            events.register("before-call", lambda model, **_: self.before(model.name))
            events.register("after-call", lambda **_: self.after())
            events.register("after-call-error", lambda **_: self.after())

    def before(self, name: str) -> None:
        self._made += 1
        if self._orders.folder is not None:
            ledger.note(self._orders.folder, 0, name)
        self._die("before")

    def after(self) -> None:
        self._die("after")

    def _die(self, side: Side) -> None:
        if self._orders.death == Death(call=self._made, side=side):
            os._exit(KILLED)


def _work(orders: Orders) -> None:
    os.environ.update(credentials.dummy(orders.endpoint))
    calls, clients, plain = _Calls(orders), AwsClients(), AwsClients().sqs
    calls.watch(clients)
    runs = worker(JOB_TYPES[orders.job_type])(perform)
    give_up_at = time.monotonic() + orders.seconds
    left = orders.messages
    while left and time.monotonic() < give_up_at:
        for queue, dead_letters in orders.queues:
            ports = _ports(orders, clients, queue, dead_letters)
            left -= _turn(runs, ports, plain, calls)
        time.sleep(_POLL_SECONDS)


def _turn(runs: Worker, ports: Ports, plain: "SQSClient", calls: _Calls) -> int:
    """Work on what one queue has now; how many messages that were."""
    url = ports.queue_address
    messages = plain.receive_message(
        QueueUrl=url,
        VisibilityTimeout=_VISIBILITY_SECONDS,
        MessageSystemAttributeNames=["All"],
    ).get("Messages", [])
    for message in messages:
        answer = runs.run([delivery(message)], ports, runs.job_type.timeout + _SLACK)
        if not answer["batchItemFailures"]:
            calls.before("ack")
            plain.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            calls.after()
    return len(messages)


def delivery(message: "MessageTypeDef") -> Mapping[str, Any]:
    """As Lambda hands it over."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
    }


def _ports(orders: Orders, clients: AwsClients, queue: str, dead_letters: str) -> Ports:
    clock = HurriedClock(since=orders.since)
    return Ports(
        store=DynamoStore(clients.dynamodb, orders.table, clock),
        queue=HurriedQueue(clients.sqs, clock=clock, rng=Random()),
        blobs=InMemoryBlobs(clock),
        clock=clock,
        telemetry=PowertoolsTelemetry("chaos"),
        rng=Random(),
        new_token=lambda: uuid4().hex,
        queue_address=queue,
        dead_letters=dead_letters,
    )
