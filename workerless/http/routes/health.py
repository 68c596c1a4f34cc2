"""Whether the stage is well, for people and load balancers."""

from aws_lambda_powertools.event_handler import Response

from workerless.http.desk import Desk
from workerless.http.shape_of_queue import Check, HealthShape, ReadinessShape

_TAGS = ["health"]
_WELL, _UNWELL = 200, 503
_JSON = "application/json"


def add(desk: Desk) -> None:
    """Adds ``/health`` and ``/health/ready``."""

    @desk.app.get("/health", operation_id="getHealth", tags=_TAGS)
    def health() -> Response[HealthShape]:
        """Whether the stage is well, with figures; 503 when it is not."""
        report = desk.operations.health.report()
        status = _WELL if report.healthy else _UNWELL
        body = HealthShape.model_validate(report.shape())
        return Response(status_code=status, content_type=_JSON, body=body)

    @desk.app.get("/health/ready", operation_id="getReadiness", tags=_TAGS)
    def ready() -> Response[ReadinessShape]:
        """Whether jobs would run now; 503 with the reasons when they would not."""
        found = desk.operations.health.ready()
        checks = [Check(name=one.name, ok=one.ok, detail=one.detail) for one in found.checks]
        status = _WELL if found.ok else _UNWELL
        body = ReadinessShape(ready=found.ok, checks=checks)
        return Response(status_code=status, content_type=_JSON, body=body)
