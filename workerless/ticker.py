"""The composition root of the ticker: a Lambda function that makes ticks of schedules jobs."""

import os
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from workerless.environment import SweeperEnvironment
from workerless.errors import WorkerlessError
from workerless.execution.response import BatchResponse, batch_response
from workerless.execution.ticking import Ticking, take_tick
from workerless.schedule.tick_message import read_tick


class TickerFunction:
    """Call it with an SQS event of ticks and a context."""

    def __init__(self) -> None:
        self._world: Ticking | None = None

    def __call__(self, event: Mapping[str, Any], context: object) -> BatchResponse:
        del context
        self._world = self._world or ticking_in(SweeperEnvironment.read(os.environ))
        return take_all(event["Records"], self._world)


def take_all(records: Sequence[Mapping[str, Any]], world: Ticking) -> BatchResponse:
    """Make each tick a job. One that could not be comes back, and ends as a dead letter."""
    kept = []
    for record in records:
        try:
            tick = read_tick(record)
            if take_tick(tick.plan, tick.time, world) is None:
                world.telemetry.trouble("schedule_unknown", None, schedule_id=tick.plan.schedule_id)
        except WorkerlessError as error:
            kept.append(record["messageId"])
            world.telemetry.trouble("tick_failed", error, message_id=record["messageId"])
    return batch_response([record["messageId"] for record in records], kept)


def ticking_in(here: SweeperEnvironment) -> Ticking:
    """The AWS adapters of who takes ticks."""
    # AWS clients take 100 ms to import: only the function pays, never who imports its handler.
    from workerless.aws.clock import SystemClock  # noqa: PLC0415
    from workerless.aws.directory import SsmDirectory  # noqa: PLC0415
    from workerless.aws.dynamodb import DynamoStore  # noqa: PLC0415
    from workerless.aws.schedule.stands import DynamoStands  # noqa: PLC0415
    from workerless.aws.session import AwsClients  # noqa: PLC0415
    from workerless.aws.sqs import SqsQueue  # noqa: PLC0415
    from workerless.aws.table import Table  # noqa: PLC0415
    from workerless.aws.telemetry import PowertoolsTelemetry  # noqa: PLC0415

    clients, clock = AwsClients(), SystemClock()
    return Ticking(
        stands=DynamoStands(Table(clients.dynamodb, here.table, clock)),
        store=DynamoStore(clients.dynamodb, here.table, clock),
        queue=SqsQueue(clients.sqs, clock=clock, rng=Random()),
        directory=SsmDirectory(clients.ssm, here.stage),
        clock=clock,
        telemetry=PowertoolsTelemetry(f"workerless-{here.stage}"),
    )
