"""The alarms of a stack, read from its CloudFormation template as it is deployed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workerless.alarming.alarm import Alarm, Measure
from workerless.alarming.composite import Composite
from workerless.alarming.metric import Metric
from workerless.alarming.state import Missing, Rule
from workerless.errors import WorkerlessError

_WATCHED = "watched"
_NAMES = ("QueueName", "FunctionName", "TopicName", "AlarmName", "LogGroupName", "TableName")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """What watches a stack, or several: alarms, and composites in the order of their need."""

    metric: tuple[Alarm, ...] = ()
    composite: tuple[Composite, ...] = ()

    def __add__(self, other: "Alarms") -> "Alarms":
        return Alarms(metric=self.metric + other.metric, composite=self.composite + other.composite)

    @property
    def by_name(self) -> dict[str, Alarm | Composite]:
        alarms: tuple[Alarm | Composite, ...] = (*self.metric, *self.composite)
        return {one.name: one for one in alarms}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What references in a template stand for.

    ``physical`` are the ids of resources by logical id, where known; else a resource is its name in
    the template, or its logical id. ``pseudo`` are the values of ``AWS::Region`` and others.
    """

    resources: Mapping[str, Any]
    physical: Mapping[str, str] = field(default_factory=dict)
    pseudo: Mapping[str, str] = field(default_factory=dict)

    def text(self, value: Any) -> str:
        """A value of the template in one string; raises ``WorkerlessError`` for what is none."""
        match value:
            case str() | int() | float():
                return str(value)
            case {"Ref": str(name)}:
                return self.pseudo.get(name) or self._resource(name)
            case {"Fn::GetAtt": [str(name), str()]}:
                # Its ARN too: what asks for one here is as well served by the name.
                return self._resource(name)
            case {"Fn::Join": [str(separator), list(parts)]}:
                return separator.join(self.text(part) for part in parts)
            case {"Fn::Select": [number, {"Fn::Split": [str(separator), whole]}]}:
                # So the CDK takes a function's name from its ARN.
                return self.text(whole).split(separator)[int(number)]
        raise WorkerlessError(f"cannot tell what {value} stands for")

    def _resource(self, logical_id: str) -> str:
        properties = self.resources.get(logical_id, {}).get("Properties", {})
        named = (properties[one] for one in _NAMES if isinstance(properties.get(one), str))
        return self.physical.get(logical_id) or next(named, logical_id)


def read(
    template: Mapping[str, Any],
    *,
    physical: Mapping[str, str] | None = None,
    pseudo: Mapping[str, str] | None = None,
) -> Alarms:
    """The alarms of a template, those under a condition too."""
    resources = template["Resources"]
    names = Names(resources=resources, physical=physical or {}, pseudo=pseudo or {})
    return Alarms(
        metric=tuple(_alarm(one, names) for one in _of(resources, "AWS::CloudWatch::Alarm")),
        composite=tuple(
            Composite(rule=names.text(one["AlarmRule"]), **_told(one, names))
            for one in _of(resources, "AWS::CloudWatch::CompositeAlarm")
        ),
    )


def _of(resources: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    return (one["Properties"] for one in resources.values() if one["Type"] == kind)


def _told(alarm: Mapping[str, Any], names: Names) -> dict[str, Any]:
    return {
        "name": names.text(alarm["AlarmName"]),
        "description": names.text(alarm.get("AlarmDescription", "")),
        "tells": tuple(names.text(one) for one in alarm.get("AlarmActions", [])),
    }


def _alarm(alarm: Mapping[str, Any], names: Names) -> Alarm:
    queries = alarm.get("Metrics") or [_query(alarm)]
    measures = {one["Id"]: one["MetricStat"] for one in queries if "MetricStat" in one}
    (watched,) = (one["Id"] for one in queries if one.get("ReturnData", True))
    (period,) = {int(one["Period"]) for one in measures.values()}
    periods = int(alarm["EvaluationPeriods"])
    return Alarm(
        measures={
            id_: Measure(metric=_metric(one["Metric"], names), statistic=one["Stat"])
            for id_, one in measures.items()
        },
        expressions={one["Id"]: one["Expression"] for one in queries if "Expression" in one},
        watched=watched,
        period=period,
        rule=Rule(
            comparison=alarm["ComparisonOperator"],
            threshold=float(alarm["Threshold"]),
            periods=periods,
            datapoints=int(alarm.get("DatapointsToAlarm") or periods),
            missing=Missing(alarm.get("TreatMissingData") or Missing.MISSING),
        ),
        **_told(alarm, names),
    )


def _query(alarm: Mapping[str, Any]) -> Mapping[str, Any]:
    """A plain alarm in the form of one on an expression."""
    return {
        "Id": _WATCHED,
        "MetricStat": {
            "Metric": alarm,
            "Period": alarm["Period"],
            "Stat": alarm.get("ExtendedStatistic") or alarm["Statistic"],
        },
    }


def _metric(metric: Mapping[str, Any], names: Names) -> Metric:
    dimensions = {one["Name"]: names.text(one["Value"]) for one in metric.get("Dimensions") or []}
    return Metric.of(metric["Namespace"], metric["MetricName"], **dimensions)
