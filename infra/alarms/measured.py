"""Measures as CloudWatch's metrics, for alarms and for dashboards."""

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Metric

from infra.alarms.row import Measure, Place


def measured(
    measure: Measure,
    place: Place,
    period: Duration,
    *,
    label: str | None = None,
    color: str | None = None,
) -> Metric:
    """``measure`` of ``place``; ``label`` and ``color`` (hexadecimal) are a dashboard's."""
    return Metric(
        namespace=place.namespace,
        metric_name=measure.name,
        dimensions_map=dict(place.dimensions),
        statistic=measure.statistic,
        period=period,
        label=label,
        color=color,
    )
