"""The dashboards of a stack, read from its CloudFormation template as it is deployed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from workerless.alarming.alarm import Measure
from workerless.alarming.metric import Metric
from workerless.alarming.template import Names
from workerless.dashboard.widget import (
    Bells,
    Chart,
    Curve,
    Dashboard,
    Level,
    Place,
    Widget,
    Words,
)
from workerless.errors import WorkerlessError

_KIND = "AWS::CloudWatch::Dashboard"
# CloudWatch's own, of what says nothing else.
_PERIOD, _STATISTIC = 300, "Average"


def read(
    template: Mapping[str, Any],
    *,
    physical: Mapping[str, str] | None = None,
    pseudo: Mapping[str, str] | None = None,
) -> tuple[Dashboard, ...]:
    """Raises ``WorkerlessError`` for a widget that is not known here."""
    resources = template["Resources"]
    names = Names(resources=resources, physical=physical or {}, pseudo=pseudo or {})
    return tuple(
        Dashboard(
            name=names.text(one["Properties"]["DashboardName"]),
            widgets=widgets_of(names.text(one["Properties"]["DashboardBody"])),
        )
        for one in resources.values()
        if one["Type"] == _KIND
    )


def widgets_of(body: str) -> tuple[Widget, ...]:
    """Those of a dashboard's body."""
    found = [_widget(one) for one in json.loads(body)["widgets"]]
    return tuple(sorted(found, key=lambda one: (one.place.top, one.place.left)))


def _widget(one: Mapping[str, Any]) -> Widget:
    place = Place(left=one["x"], top=one["y"], width=one["width"], height=one["height"])
    properties = one["properties"]
    match one["type"]:
        case "text":
            return Words(place=place, markdown=properties["markdown"])
        case "alarm":
            names = tuple(arn.partition(":alarm:")[2] for arn in properties["alarms"])
            return Bells(place=place, title=properties.get("title", ""), alarms=names)
        case "metric":
            return _chart(place, properties)
    raise WorkerlessError(f"widget must be text, alarm or metric, got {one['type']}")


def _chart(place: Place, properties: Mapping[str, Any]) -> Chart:
    measures: dict[str, Measure] = {}
    expressions: dict[str, str] = {}
    curves: list[Curve] = []
    periods: set[int] = set()
    for number, line in enumerate(properties.get("metrics", [])):
        told = line[-1] if isinstance(line[-1], Mapping) else {}
        # What has no id of its own is asked for by nobody else; CloudWatch's begin with a letter.
        id_ = told.get("id", f"_{number}")
        periods.add(int(told.get("period", properties.get("period", _PERIOD))))
        if "expression" in told:
            expressions[id_] = told["expression"]
        else:
            measures[id_] = _measure(line, told)
        if told.get("visible", True):
            curves.append(_curve(id_, told))
    axes = properties.get("yAxis", {})
    return Chart(
        place=place,
        title=properties.get("title", ""),
        measures=measures,
        expressions=expressions,
        curves=tuple(curves),
        period=max(periods, default=_PERIOD),
        unit=axes.get("left", {}).get("label", ""),
        right_unit=axes.get("right", {}).get("label", ""),
        levels=tuple(
            Level(label=one.get("label", ""), value=one["value"])
            for one in properties.get("annotations", {}).get("horizontal", [])
        ),
        is_figure=properties.get("view") == "singleValue",
        is_stacked=properties.get("stacked", False),
    )


def _measure(line: Sequence[Any], told: Mapping[str, Any]) -> Measure:
    """Namespace, name, then names and values of dimensions by turns."""
    namespace, name, *pairs = [one for one in line if isinstance(one, str)]
    dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
    return Measure(
        metric=Metric.of(namespace, name, **dimensions), statistic=told.get("stat", _STATISTIC)
    )


def _curve(id_: str, told: Mapping[str, Any]) -> Curve:
    return Curve(
        label=told.get("label", id_),
        shown=id_,
        color=told.get("color", ""),
        is_right=told.get("yAxis") == "right",
    )
