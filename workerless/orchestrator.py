"""The composition root of the orchestrator: a Lambda function that moves workflows on."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, Protocol

from workerless.environment import OrchestratorEnvironment
from workerless.errors import WorkerlessError
from workerless.execution.response import BatchResponse, batch_response
from workerless.orchestration.look import look
from workerless.orchestration.world import Orchestra
from workerless.orders import Order, Orders, read_order

# What is left for the chunk in hand when time is up.
_MARGIN = timedelta(seconds=20)


class LambdaContext(Protocol):
    """What the orchestrator needs of Lambda's context object."""

    def get_remaining_time_in_millis(self) -> int: ...


class OrchestratorFunction:
    """Call it with an SQS event of orders and a context."""

    def __init__(self) -> None:
        self._world: Orchestra | None = None

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> BatchResponse:
        self._world = self._world or orchestra_in(OrchestratorEnvironment.read(os.environ))
        clock = self._world.clock
        left = timedelta(milliseconds=context.get_remaining_time_in_millis())
        until = clock.now() + left - _MARGIN
        return obey(event["Records"], replace(self._world, has_time=lambda: clock.now() < until))


def obey(records: Sequence[Mapping[str, Any]], world: Orchestra) -> BatchResponse:
    """Look at each container once. An order that failed comes back, and ends as a dead letter."""
    orders: dict[str, tuple[Order, bool]] = {}
    messages: dict[str, list[str]] = {}
    kept: list[str] = []
    for record in records:
        try:
            order = read_order(record["body"])
        except WorkerlessError as error:
            kept.append(record["messageId"])
            world.telemetry.trouble("order_refused", error, message_id=record["messageId"])
            continue
        ref, is_repeated = order.container_id, int(_receives(record)) > 1
        known, was_repeated = orders.get(ref, (order, False))
        both = tuple(sorted({*known.lost, *order.lost}))
        orders[ref] = Order(container_id=ref, lost=both), is_repeated or was_repeated
        messages.setdefault(ref, []).append(record["messageId"])
    for ref, (order, is_repeated) in orders.items():
        try:
            look(order, world, is_repeated=is_repeated)
        except Exception as error:  # noqa: BLE001 -- not even a mistake of ours holds up others
            kept += messages[ref]
            world.telemetry.trouble("look_failed", error, container_id=ref)
    return batch_response([record["messageId"] for record in records], kept)


def _receives(record: Mapping[str, Any]) -> str:
    return str(record.get("attributes", {}).get("ApproximateReceiveCount", "1"))


def orchestra_in(here: OrchestratorEnvironment) -> Orchestra:
    """The AWS adapters of the orchestrator."""
    # AWS clients take 100 ms to import: only the function pays, never who imports its handler.
    from workerless.aws.clock import SystemClock  # noqa: PLC0415
    from workerless.aws.directory import SsmDirectory  # noqa: PLC0415
    from workerless.aws.dynamodb import DynamoStore  # noqa: PLC0415
    from workerless.aws.s3 import S3Blobs  # noqa: PLC0415
    from workerless.aws.session import AwsClients  # noqa: PLC0415
    from workerless.aws.sqs import SqsQueue  # noqa: PLC0415
    from workerless.aws.table import Table  # noqa: PLC0415
    from workerless.aws.telemetry import PowertoolsTelemetry  # noqa: PLC0415
    from workerless.aws.workflow.containers import DynamoContainers  # noqa: PLC0415
    from workerless.spread import at_once  # noqa: PLC0415

    clients, clock = AwsClients(), SystemClock()
    queue = SqsQueue(clients.sqs, clock=clock, rng=Random(), spread=at_once)
    return Orchestra(
        containers=DynamoContainers(
            Table(clients.dynamodb, here.table, clock, at_once), clock, spread=at_once
        ),
        store=DynamoStore(clients.dynamodb, here.table, clock, spread=at_once),
        blobs=S3Blobs(lambda: clients.s3, lambda: here.bucket, clock),
        queue=queue,
        directory=SsmDirectory(clients.ssm, here.stage),
        orders=Orders(queue=queue, address=here.queue_url),
        clock=clock,
        telemetry=PowertoolsTelemetry(f"workerless-{here.stage}"),
        has_time=lambda: True,
    )
