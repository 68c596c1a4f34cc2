"""What the client of a deployed stage is made of: AWS adapters."""

import logging
import os
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import TYPE_CHECKING, TypedDict

from workerless import naming
from workerless.counting import counter, own_log
from workerless.event_ports import EventStore
from workerless.ports import Blobs, Clock, Directory, Queue, Store
from workerless.unique_ports import UniqueStore

if TYPE_CHECKING:
    from workerless.aws.directory import SsmDirectory
    from workerless.aws.table import Table
    from workerless.client_schedules import ClientSchedules
    from workerless.orchestration.world import Orchestra


class Parts(TypedDict):
    """The keyword arguments of ``Client``."""

    store: Store
    unique: UniqueStore
    queue: Queue
    blobs: Blobs
    directory: Directory
    clock: Clock
    events: EventStore | None
    told: Callable[[str, int], object] | None
    schedules: "Callable[[], ClientSchedules]"
    orchestra: "Callable[[], Orchestra]"


def parts_of(stage: str, metrics: Callable[[str], object] | None = None) -> Parts:
    """With AWS credentials and region from the environment. ``metrics`` as ``connect`` has it."""
    # AWS clients take 100 ms to import: whoever only declares or tests need not pay.
    from workerless.aws.clock import SystemClock  # noqa: PLC0415
    from workerless.aws.directory import SsmDirectory  # noqa: PLC0415
    from workerless.aws.dynamodb import DynamoStore  # noqa: PLC0415
    from workerless.aws.events import DynamoEvents  # noqa: PLC0415
    from workerless.aws.flow.unique import DynamoUniqueStore  # noqa: PLC0415
    from workerless.aws.s3 import S3Blobs  # noqa: PLC0415
    from workerless.aws.session import AwsClients  # noqa: PLC0415
    from workerless.aws.sqs import SqsQueue  # noqa: PLC0415
    from workerless.aws.table import Table  # noqa: PLC0415
    from workerless.opening import open_schedules  # noqa: PLC0415
    from workerless.spread import at_once  # noqa: PLC0415

    clients, clock = AwsClients(), SystemClock()
    directory = SsmDirectory(clients.ssm, stage)
    name = naming.table(stage)
    table = Table(clients.dynamodb, name, clock, at_once)
    store = DynamoStore(clients.dynamodb, name, clock, spread=at_once)
    queue = SqsQueue(clients.sqs, clock=clock, rng=Random(), spread=at_once)
    # Client and bucket's name only once there is a file: most producers never have one.
    blobs = S3Blobs(lambda: clients.s3, lambda: directory.core().bucket, clock)
    return Parts(
        store=store,
        unique=DynamoUniqueStore(clients.dynamodb, name, clock, spread=at_once),
        queue=queue,
        blobs=blobs,
        directory=directory,
        clock=clock,
        events=DynamoEvents(table, clock),
        told=counter(stage, metrics or own_log(stage, os.environ)),
        schedules=partial(open_schedules, stage, clients, clock),
        orchestra=lambda: _orchestra(table, store, queue, blobs, directory, clock=clock),
    )


def _orchestra(
    table: "Table",
    store: Store,
    queue: Queue,
    blobs: Blobs,
    directory: "SsmDirectory",
    *,
    clock: Clock,
) -> "Orchestra":
    """Few producers ever start a workflow."""
    from workerless.aws.workflow.containers import DynamoContainers  # noqa: PLC0415
    from workerless.orchestration.world import Orchestra  # noqa: PLC0415
    from workerless.orders import Orders  # noqa: PLC0415
    from workerless.spread import at_once  # noqa: PLC0415

    return Orchestra(
        containers=DynamoContainers(table, clock, spread=at_once),
        store=store,
        blobs=blobs,
        queue=queue,
        directory=directory,
        orders=Orders(queue=queue, address=directory.core().workflows),
        clock=clock,
        telemetry=_Quiet(),
        has_time=lambda: True,
    )


class _Quiet:
    """A producer's own log is no place for ours; what is lost there the sweeper makes up for."""

    def transition(self, fields: Mapping[str, str | int | float | None]) -> None:
        logging.getLogger("workerless").debug("%s", fields)

    def trouble(self, event: str, error: BaseException | None, **fields: str | int | None) -> None:
        logging.getLogger("workerless").warning("%s %s %s", event, error, fields)

    def logger(self, **fields: str | int | None) -> "logging.LoggerAdapter[logging.Logger]":
        return logging.LoggerAdapter(logging.getLogger("workerless"), fields)
