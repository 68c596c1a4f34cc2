"""An alarm of what serves a stage."""

from aws_cdk.aws_cloudwatch import (
    Alarm,
    ComparisonOperator,
    IAlarmAction,
    IMetric,
    TreatMissingData,
)
from constructs import Construct


def system_alarm(
    scope: Construct,
    construct_id: str,
    *,
    name: str,
    metric: IMetric,
    threshold: float,
    meaning: str,
    runbook: str,
    action: IAlarmAction,
) -> None:
    """Rings for one minute over the threshold, and for a quarter of an hour."""
    alarm = Alarm(
        scope,
        construct_id,
        alarm_name=name,
        alarm_description=f"{meaning}. Owner: who operates the stage. Runbook: {runbook}.",
        metric=metric,
        threshold=threshold,
        comparison_operator=ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=15,
        datapoints_to_alarm=1,
        treat_missing_data=TreatMissingData.NOT_BREACHING,
    )
    alarm.add_alarm_action(action)
