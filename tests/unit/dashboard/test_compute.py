"""The points of charts: whole periods, expressions over measures, the newest point."""

from dataclasses import replace

import pytest

from workerless.alarming.alarm import Measure
from workerless.alarming.expression import ExpressionError
from workerless.alarming.metric import Metric, Sample
from workerless.dashboard.compute import series_of, window_of
from workerless.dashboard.widget import Chart, Curve, Place

SOLD = Metric.of("Shop", "Sold")
CHART = Chart(
    place=Place(left=0, top=0, width=6, height=4),
    title="Sold",
    measures={"m": Measure(metric=SOLD, statistic="Sum")},
    expressions={"twice": "2 * m"},
    curves=(
        Curve(label="sold", shown="m", color="", is_right=False),
        Curve(label="twice", shown="twice", color="", is_right=True),
    ),
    period=60,
)


def test_a_window_holds_all_that_was_asked_for_in_whole_periods() -> None:
    window = window_of(CHART, start=90, end=190)

    assert (window.start, window.start + window.period * window.count) == (60, 240)


def test_a_window_of_no_time_has_a_period_all_the_same() -> None:
    assert window_of(CHART, start=60, end=60).count == 1


def test_curves_are_computed_in_their_order_with_holes_where_nothing_was() -> None:
    samples = {SOLD: [Sample(at=61, value=1), Sample(at=62, value=2), Sample(at=185, value=4)]}

    first, second = series_of(CHART, samples, window_of(CHART, start=60, end=240))

    assert first.points == (3, None, 4)
    assert second.points == (6, None, 8)
    assert (first.last, second.last) == (4, 8)


def test_what_was_never_measured_has_no_last_point() -> None:
    first, _ = series_of(CHART, {}, window_of(CHART, start=0, end=120))

    assert first.last is None


def test_a_curve_that_is_no_series_is_refused_with_its_panel() -> None:
    chart = replace(CHART, expressions={"twice": "2"})

    with pytest.raises(ExpressionError, match="panel 'Sold': a curve must be one series"):
        series_of(chart, {}, window_of(chart, start=0, end=60))
