"""The figures of the stage for Prometheus."""

from aws_lambda_powertools.event_handler import Response

from workerless.http import prometheus
from workerless.http.desk import Desk
from workerless.http.exposition import families


def add(desk: Desk) -> None:
    """Adds ``/metrics``."""

    @desk.app.get("/metrics", operation_id="getMetrics", tags=["health"])
    def metrics() -> Response[str]:
        """The figures of all job types, as Prometheus reads them."""
        return Response(
            status_code=200,
            content_type=prometheus.CONTENT_TYPE,
            body=prometheus.text(families(desk)),
        )
