"""Alarms made of rows: they tell the stage's topic whose they are, and where to read on."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import CfnCondition, CfnParameter, CfnResource, Duration, Fn, Stack
from aws_cdk.aws_cloudwatch import (
    Alarm,
    ComparisonOperator,
    IMetric,
    MathExpression,
    TreatMissingData,
)
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_sns import ITopic, Topic
from constructs import Construct

from infra.alarms.measured import measured
from infra.alarms.row import AlarmProfile, Place, Row
from infra.settings import Stage
from workerless import naming

_CONDITION = "KnowsMetricMath"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Whose alarms they are. ``prefix`` begins their names, ``title`` what people read.

    ``places`` are those that rows name. ``more`` is said at the end: a team's own runbook.
    """

    prefix: str
    title: str
    owner: str
    places: Mapping[str, Place]
    more: str = ""


def stage_topic(scope: Construct, stage: Stage) -> ITopic:
    """The topic of a stage by its name, to be called once in each scope."""
    arn = Stack.of(scope).format_arn(service="sns", resource=naming.alarm_topic(stage.name))
    return Topic.from_topic_arn(scope, "Topic", arn)


def has(stage: Stage, row: Row) -> bool:
    """Whether a stage pays for this alarm."""
    return stage.alarms is not AlarmProfile.NONE and row.profile <= stage.alarms


def add_alarm(
    scope: Construct,
    row: Row,
    *,
    watched: Watched,
    stage: Stage,
    tells: ITopic | None,
    construct_id: str = "",
) -> Alarm | None:
    """The alarm of a row, unless the stage's profile leaves it out."""
    if not has(stage, row):
        return None
    name = f"{watched.prefix}-{row.full_name}"
    alarm = Alarm(
        scope,
        construct_id or row.construct_id,
        alarm_name=name,
        alarm_description=_description(row, name, watched, Stack.of(scope)),
        metric=_metric(row, watched.places),
        threshold=row.threshold,
        comparison_operator=ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        if row.is_reached
        else ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=row.periods,
        datapoints_to_alarm=row.datapoints,
        # What is idle reports nothing.
        treat_missing_data=TreatMissingData.NOT_BREACHING,
    )
    if tells and row.tells:
        alarm.add_alarm_action(SnsAction(tells))
    if row.expression:
        only_on_aws(alarm.node.default_child, stage)
    return alarm


def only_on_aws(resource: object, stage: Stage) -> None:
    """In the template in any case: ``workerless local alarms`` computes what no emulator knows."""
    if stage.knows_metric_math or not isinstance(resource, CfnResource):
        return
    known = Stack.of(resource).node.try_find_child(_CONDITION)
    resource.cfn_options.condition = (
        known if isinstance(known, CfnCondition) else _condition(Stack.of(resource))
    )


def _condition(stack: Stack) -> CfnCondition:
    """On a parameter: to the emulator's conditions the account is a word, and no number."""
    told = CfnParameter(
        stack,
        "MetricMath",
        default="unknown",
        allowed_values=["known", "unknown"],
        description="Whether alarms on expressions are known here",
    )
    return CfnCondition(
        stack, _CONDITION, expression=Fn.condition_equals(told.value_as_string, "known")
    )


def _metric(row: Row, places: Mapping[str, Place]) -> IMetric:
    period = Duration.minutes(row.minutes)
    measures = {
        id_: measured(measure, places[measure.place], period)
        for id_, measure in row.measures.items()
    }
    if row.expression:
        return MathExpression(
            expression=row.expression, using_metrics=measures, label=row.full_name, period=period
        )
    (only,) = measures.values()
    return only


def _description(row: Row, name: str, watched: Watched, stack: Stack) -> str:
    console = f"https://console.aws.amazon.com/cloudwatch/home?region={stack.region}"
    told = {
        "Severity": row.severity,
        "Owner": watched.owner,
        "Runbook": row.runbook,
        "Console": f"{console}#alarmsV2:alarm/{name}",
    }
    told |= {"Its own runbook": watched.more} if watched.more else {}
    said = " ".join(f"{what}: {value}." for what, value in told.items())
    return f"{watched.title}: {row.meaning}. {said}"
