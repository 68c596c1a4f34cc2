"""Dashboards as CloudFormation has them: each kind of widget, and what is not said."""

import json

import pytest

from workerless.alarming.metric import Metric
from workerless.dashboard.template import read, widgets_of
from workerless.dashboard.widget import Bells, Chart, Curve, Level, Place, Words
from workerless.errors import WorkerlessError

AT = {"x": 0, "y": 0, "width": 6, "height": 4}
HERE = Place(left=0, top=0, width=6, height=4)


def widgets(kind: str, **properties: object) -> object:
    (found,) = widgets_of(json.dumps({"widgets": [{"type": kind, **AT, "properties": properties}]}))
    return found


def test_words_and_alarms_are_read() -> None:
    arn = "arn:aws:cloudwatch:eu-west-1:1:alarm:too-old"

    assert widgets("text", markdown="# hello") == Words(place=HERE, markdown="# hello")
    assert widgets("alarm", title="Alarms", alarms=[arn]) == Bells(
        place=HERE, title="Alarms", alarms=("too-old",)
    )


def test_a_chart_has_what_its_lines_say_and_else_what_cloudwatch_takes() -> None:
    chart = widgets(
        "metric",
        title="Flow",
        stacked=True,
        metrics=[
            [{"expression": "2 * m", "label": "twice", "yAxis": "right"}],
            ["Shop", "Sold", "shop", "a", {"id": "m", "visible": False, "stat": "p95"}],
            ["Shop", "Sold"],
        ],
        annotations={"horizontal": [{"label": "alarm", "value": 3}]},
        yAxis={"left": {"label": "pieces"}, "right": {"label": "dozens"}},
    )

    assert isinstance(chart, Chart)
    assert (chart.period, chart.unit, chart.right_unit) == (300, "pieces", "dozens")
    assert (chart.is_stacked, chart.is_figure) == (True, False)
    assert chart.levels == (Level(label="alarm", value=3),)
    assert chart.expressions == {"_0": "2 * m"}
    assert chart.measures["m"].metric == Metric.of("Shop", "Sold", shop="a")
    assert [one.statistic for one in chart.measures.values()] == ["p95", "Average"]
    assert chart.curves == (
        Curve(label="twice", shown="_0", color="", is_right=True),
        Curve(label="_2", shown="_2", color="", is_right=False),
    )


def test_figures_are_charts_of_one_value() -> None:
    chart = widgets("metric", view="singleValue", metrics=[["Shop", "Sold", {"period": 60}]])

    assert isinstance(chart, Chart)
    assert chart.is_figure
    assert chart.period == 60


def test_widgets_come_from_the_top_to_the_bottom() -> None:
    told = [
        {"type": "text", **AT, "x": x, "y": y, "properties": {"markdown": f"{x} {y}"}}
        for x, y in ((6, 4), (0, 4), (0, 0))
    ]

    found = widgets_of(json.dumps({"widgets": told}))

    assert [(one.place.left, one.place.top) for one in found] == [(0, 0), (0, 4), (6, 4)]


def test_a_template_gives_its_dashboards_with_names_filled_in() -> None:
    body = {"Fn::Join": ["", ['{"widgets": []', {"Ref": "AWS::NoComma"}, "}"]]}
    properties = {"DashboardName": "page", "DashboardBody": body}
    resources = {
        "Page": {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties},
        "Queue": {"Type": "AWS::SQS::Queue"},
    }

    (found,) = read({"Resources": resources}, pseudo={"AWS::NoComma": " "})

    assert (found.name, found.widgets) == ("page", ())


def test_a_function_is_named_by_its_address_too() -> None:
    address = ["arn:aws:lambda:eu-west-1:", {"Ref": "AWS::AccountId"}, ":function:shop"]
    name = {"Fn::Select": [6, {"Fn::Split": [":", {"Fn::Join": ["", address]}]}]}
    properties = {"DashboardName": name, "DashboardBody": '{"widgets": []}'}
    resources = {"Page": {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties}}

    (found,) = read({"Resources": resources}, pseudo={"AWS::AccountId": "1"})

    assert found.name == "shop"


def test_a_kind_of_widget_that_is_not_known_is_named() -> None:
    with pytest.raises(WorkerlessError, match="text, alarm or metric, got log"):
        widgets("log")
