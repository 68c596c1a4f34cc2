"""Panels as CloudWatch's widgets."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import (
    Color,
    GraphWidget,
    HorizontalAnnotation,
    IMetric,
    IWidget,
    MathExpression,
    SingleValueWidget,
    TextWidget,
    YAxisProps,
)

from infra.alarms.measured import measured
from infra.alarms.row import Place
from infra.dashboards.panel import Curve, Figures, Graph, Panel, Words

type Places = Mapping[str, Place]


def widget(panel: Panel, places: Places) -> IWidget:
    """``places`` are those that the measures of the panel name."""
    match panel:
        case Words():
            return TextWidget(markdown=panel.markdown, width=panel.width, height=panel.height)
        case Figures():
            return SingleValueWidget(
                title=panel.title,
                metrics=[_metric(one, places, panel.minutes) for one in panel.curves],
                width=panel.width,
                height=panel.height,
            )
        case Graph():
            return _graph(panel, places)


def _graph(panel: Graph, places: Places) -> IWidget:
    return GraphWidget(
        title=panel.title,
        left=[_metric(one, places, panel.minutes) for one in panel.left],
        right=[_metric(one, places, panel.minutes) for one in panel.right],
        left_y_axis=YAxisProps(label=panel.unit, min=0, show_units=False),
        right_y_axis=YAxisProps(label=panel.right_unit, min=0, show_units=False)
        if panel.right
        else None,
        left_annotations=[
            HorizontalAnnotation(label=line.label, value=line.value, color=Color.RED)
            for line in panel.lines
        ],
        stacked=panel.stacked,
        period=Duration.minutes(panel.minutes),
        width=panel.width,
        height=panel.height,
    )


def _metric(curve: Curve, places: Places, minutes: int) -> IMetric:
    period, color = Duration.minutes(minutes), curve.color or None
    if curve.expression:
        return MathExpression(
            expression=curve.expression,
            using_metrics={
                id_: measured(one, places[one.place], period) for id_, one in curve.measures.items()
            },
            label=curve.label,
            color=color,
            period=period,
        )
    (only,) = curve.measures.values()
    return measured(only, places[only.place], period, label=curve.label or None, color=color)
