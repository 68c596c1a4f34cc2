"""Which lanes are paused: counted by a filter over the sweeper's log.

Not by a metric of its line: those have two dimensions, and none of them is a lane.
"""

from aws_cdk.aws_logs import FilterPattern, LogGroup, MetricFilter
from constructs import Construct

from infra.alarms.row import Place
from workerless import metric

LANE_PAUSED = "LanePaused"
_NAMESPACE = f"{metric.NAMESPACE}/Lanes"
_LANE = "lane"
# What the sweeper tells each minute (``execution.pause_sweep``).
_TOLD = "lane.paused"


def count_paused_lanes(scope: Construct, log_group: LogGroup) -> None:
    """To be called once in a stage, with the sweeper's log."""
    MetricFilter(
        scope,
        "PausedLanes",
        log_group=log_group,
        filter_pattern=FilterPattern.string_value("$.message", "=", _TOLD),
        metric_namespace=_NAMESPACE,
        metric_name=LANE_PAUSED,
        dimensions={name: f"$.{name}" for name in (*metric.DIMENSIONS, _LANE)},
    )


def paused_lane_place(stage: str, job_type: str, lane: str) -> Place:
    """Where it is counted."""
    return Place(
        namespace=_NAMESPACE,
        dimensions={
            metric.SERVICE: metric.service(stage),
            metric.JOB_TYPE: job_type,
            _LANE: lane,
        },
    )
