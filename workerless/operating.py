"""The composition root of operators: command line, HTTP API, and the function behind operations."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from workerless import naming
from workerless.connecting import parts_of
from workerless.discovery import discover
from workerless.environment import SweeperEnvironment
from workerless.errors import WorkerlessError
from workerless.job_type import JobType
from workerless.ledger import Stand
from workerless.logged import LoggedTelemetry
from workerless.operations.desk import Desk
from workerless.operations.drive import drive
from workerless.operations.opened import opened
from workerless.operations.scaling import keep_scaled
from workerless.operations.service import Operations
from workerless.operations.switching import keep_switched
from workerless.ports import Telemetry

if TYPE_CHECKING:
    from workerless.aws.session import AwsClients

# What is left for the step in hand when time is up.
_MARGIN = timedelta(seconds=20)


def operate(stage: str, *, by: str | None = None, root: Path | None = None) -> Operations:
    """A deployed stage, with AWS credentials and region from the environment.

    ``by`` is who acts; by default whoever's credentials these are, asked of STS when something is
    to be written. ``root`` is a checkout with the job types' declarations; by default the function
    that this runs in, or the working directory.
    """
    return opened(desk(stage, by=by, root=root))


def desk(stage: str, *, by: str | None = None, root: Path | None = None) -> Desk:
    """What ``operate`` works with."""
    naming.check_stage(stage)
    # AWS clients take 100 ms to import: no command pays that does not talk to AWS.
    from workerless.aws.aliases import AwsAliases  # noqa: PLC0415
    from workerless.aws.clock import SystemClock  # noqa: PLC0415
    from workerless.aws.directory import SsmDirectory  # noqa: PLC0415
    from workerless.aws.events import DynamoEvents  # noqa: PLC0415
    from workerless.aws.flow.stores import DynamoFlow  # noqa: PLC0415
    from workerless.aws.invoking import caller  # noqa: PLC0415
    from workerless.aws.ledger import DynamoLedger  # noqa: PLC0415
    from workerless.aws.operator import DynamoOperatorStore  # noqa: PLC0415
    from workerless.aws.operator_queue import SqsOperatorQueue  # noqa: PLC0415
    from workerless.aws.platform import AwsPlatform  # noqa: PLC0415
    from workerless.aws.pulse import DynamoPulses  # noqa: PLC0415
    from workerless.aws.s3 import S3Blobs  # noqa: PLC0415
    from workerless.aws.schedule.scheduler import scheduler_of  # noqa: PLC0415
    from workerless.aws.schedule.stands import DynamoStands  # noqa: PLC0415
    from workerless.aws.session import AwsClients  # noqa: PLC0415
    from workerless.aws.table import Table  # noqa: PLC0415
    from workerless.spread import at_once  # noqa: PLC0415

    clients, clock, table = AwsClients(), SystemClock(), naming.table(stage)
    flow = DynamoFlow(clients.dynamodb, table, clock)
    directory, telemetry = SsmDirectory(clients.ssm, stage), _telemetry(stage)

    return Desk(
        store=DynamoOperatorStore(clients.dynamodb, table, clock, spread=at_once),
        ledger=DynamoLedger(clients.dynamodb, table, clock),
        queue=SqsOperatorQueue(clients.sqs, clock=clock, rng=Random(), spread=at_once),
        blobs=S3Blobs(lambda: clients.s3, lambda: directory.core().bucket, clock),
        directory=directory,
        clock=clock,
        telemetry=telemetry,
        platform=AwsPlatform(clients, stage),
        aliases=AwsAliases(clients, stage),
        pulses=DynamoPulses(Table(clients.dynamodb, table, clock)),
        settings=flow.settings,
        breakers=flow.breakers,
        stands=DynamoStands(Table(clients.dynamodb, table, clock)),
        scheduler=scheduler_of(stage, clients, clock),
        events=DynamoEvents(Table(clients.dynamodb, table, clock), clock),
        orchestra=cache(lambda: replace(parts_of(stage)["orchestra"](), telemetry=telemetry)),
        by=cache(lambda: by if by is not None else caller(clients)),
        new_id=partial(_sortable_id, clock.now),
        declared=Declarations(root or _here()).find,
        kick=partial(_kick, naming.operator(stage), clients, telemetry),
        spread=at_once,
    )


@dataclass
class Declarations:
    """The job types declared below ``root``, imported when the first is asked for."""

    root: Path

    def find(self, job_type: str) -> JobType[Any, Any] | None:
        """Raises ``DeclarationError`` where one of them is broken."""
        return self._found.get(job_type)

    @cached_property
    def _found(self) -> dict[str, JobType[Any, Any]]:
        return {one.job_type.name: one.job_type for one in discover(self.root)}


class LambdaContext(Protocol):
    """What the operator function needs of Lambda's context object."""

    def get_remaining_time_in_millis(self) -> int: ...


class OperatorFunction:
    """Call it with any event: what there is to do stands in the table."""

    def __init__(self) -> None:
        self._desk: Desk | None = None

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:
        """How many operations were driven on and still run, types are paused, and bounds moved."""
        del event
        here = SweeperEnvironment.read(os.environ)
        self._desk = at = self._desk or desk(here.stage)
        left = timedelta(milliseconds=context.get_remaining_time_in_millis()) - _MARGIN
        until = at.clock.now() + left
        paused = _kept("pauses_not_kept", keep_switched, at)
        scaled = _kept("nothing_scaled", keep_scaled, at)
        found = drive(at, lambda: at.clock.now() < until)
        running = sum(one.stand is Stand.RUNNING for one in found)
        told = {"operations": len(found), "running": running, "paused": paused, "scaled": scaled}
        at.telemetry.transition({"event": "operator.done", **told})
        return told


def _kept(trouble: str, keep: Callable[[Desk], int], at: Desk) -> int:
    """No trouble with pauses or bounds holds up an operation."""
    try:
        return keep(at)
    except WorkerlessError as error:
        at.telemetry.trouble(trouble, error)
        return 0


def _kick(function: str, clients: "AwsClients", telemetry: Telemetry) -> None:
    from workerless.aws.invoking import invoke  # noqa: PLC0415 -- as in ``desk``

    refusal = invoke(function, clients)
    if refusal is not None:  # the next full minute comes by itself
        telemetry.trouble("operator_not_called", None, code=refusal)


def _telemetry(stage: str) -> Telemetry:
    if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return LoggedTelemetry()
    from workerless.aws.telemetry import PowertoolsTelemetry  # noqa: PLC0415 -- Powertools

    return PowertoolsTelemetry(f"workerless-{stage}")


def _here() -> Path:
    return Path(os.environ.get("LAMBDA_TASK_ROOT", Path.cwd()))


def _sortable_id(now: Callable[[], datetime]) -> str:
    """By time, as far as the clock tells it, and unlike any other."""
    return f"{now().astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{uuid4().hex[:12]}"
