"""What a chart shows: the points of its curves."""

from collections.abc import Sequence
from dataclasses import dataclass

from workerless.alarming.expression import ExpressionError, evaluate
from workerless.alarming.metric import Samples
from workerless.alarming.series import Value
from workerless.alarming.window import Points, Window, points
from workerless.dashboard.widget import Chart, Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A curve, and one point for each period of the window."""

    curve: Curve
    points: Points

    @property
    def last(self) -> float | None:
        """The newest point that there is."""
        return next((one for one in reversed(self.points) if one is not None), None)


def window_of(chart: Chart, *, start: float, end: float) -> Window:
    """Whole periods that hold all between ``start`` and ``end`` (epoch seconds)."""
    first = int(start // chart.period)
    after = -int(-end // chart.period)
    return Window(start=first * chart.period, period=chart.period, count=max(after - first, 1))


def series_of(chart: Chart, samples: Samples, window: Window) -> Sequence[Series]:
    """In the order of the curves. Raises ``ExpressionError``."""
    named: dict[str, Value] = {
        id_: points(samples.get(one.metric, ()), one.statistic, window)
        for id_, one in chart.measures.items()
    }
    for id_, text in chart.expressions.items():
        named[id_] = evaluate(text, named, window)
    return [Series(curve=one, points=_points(named[one.shown], chart)) for one in chart.curves]


def _points(value: Value, chart: Chart) -> Points:
    if not isinstance(value, tuple):
        raise ExpressionError(f"panel {chart.title!r}: a curve must be one series")
    return value
