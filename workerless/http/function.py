"""The composition root of the HTTP API: a Lambda function, one request a call."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workerless import naming
from workerless.client import connect
from workerless.discovery import discover
from workerless.environment import STAGE
from workerless.http.api import Api
from workerless.http.desk import Desk
from workerless.http.seats import Seats
from workerless.http.settings import HttpSettings
from workerless.http.webhook import Webhooks
from workerless.operating import operate

# Where Lambda puts the function's asset, and in it the declarations of all job types.
_ROOT = "LAMBDA_TASK_ROOT"


class HttpFunction:
    """Call it with an event of API Gateway (HTTP API, payload 2.0). Never raises for a request."""

    def __init__(self) -> None:
        self._api: Api | None = None

    def __call__(self, event: Mapping[str, Any], context: object) -> dict[str, Any]:
        """The response to ``event``."""
        del context
        self._api = self._api or api_of(
            os.environ[STAGE], root=Path(os.environ[_ROOT]), variables=os.environ
        )
        return self._api.handle(event)


def api_of(stage: str, *, root: Path, variables: Mapping[str, str]) -> Api:
    """The API of a deployed stage with the declarations of the checkout at ``root``."""
    # AWS clients take 100 ms to import: never who only imports a handler.
    from workerless.aws.clock import SystemClock  # noqa: PLC0415
    from workerless.aws.directory import SsmDirectory  # noqa: PLC0415
    from workerless.aws.flow.stores import DynamoFlow  # noqa: PLC0415
    from workerless.aws.secrets import Secrets  # noqa: PLC0415
    from workerless.aws.session import AwsClients  # noqa: PLC0415
    from workerless.aws.telemetry import PowertoolsTelemetry  # noqa: PLC0415

    settings = HttpSettings.read(variables)
    clients, clock, client = AwsClients(), SystemClock(), connect(stage)
    permits = DynamoFlow(clients.dynamodb, naming.table(stage), clock).permits
    job_types = {one.job_type.name: one.job_type for one in discover(root)}
    return Api(
        Desk(
            client=client,
            operate=operate(stage).acting_as,
            directory=SsmDirectory(clients.ssm, stage),
            job_types=job_types,
            clock=clock,
            seat=Seats(permits, clock, limit=settings.waiters).taken,
        ),
        settings=settings,
        webhooks=Webhooks(
            settings.webhooks,
            secret=Secrets(clients, clock).get,
            client=client,
            job_types=job_types,
            clock=clock,
        ),
        telemetry=PowertoolsTelemetry(f"workerless-{stage}"),
    )
