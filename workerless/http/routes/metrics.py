"""The figures of the stage for Prometheus."""

from datetime import datetime, timedelta

from aws_lambda_powertools.event_handler import Response

from workerless.http import prometheus
from workerless.http.desk import Desk
from workerless.http.exposition import families

# To count them takes seconds: who asks more often, or together with others, gets the last answer.
_FRESH = timedelta(seconds=10)


def add(desk: Desk) -> None:
    """Adds ``/metrics``."""
    kept: list[tuple[datetime, str]] = []

    @desk.app.get("/metrics", operation_id="getMetrics", tags=["health"])
    def metrics() -> Response[str]:
        """The figures of all job types, as Prometheus reads them; up to ten seconds old."""
        now = desk.clock.now()
        if not kept or now - kept[0][0] >= _FRESH:
            kept[:] = [(now, prometheus.text(families(desk)))]
        return Response(status_code=200, content_type=prometheus.CONTENT_TYPE, body=kept[0][1])
