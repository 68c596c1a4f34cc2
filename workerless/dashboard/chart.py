"""One chart of a dashboard as a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

import pygal
from pygal.style import Style

from workerless.alarming.window import Points, Window
from workerless.dashboard.compute import Series
from workerless.dashboard.figure import figure
from workerless.dashboard.widget import Chart
from workerless.drawing import still

# A cell of CloudWatch's grid, in pixels: wide screens have some 60 by 50.
CELL_WIDTH, CELL_HEIGHT = 58, 50
# What title and frame take of a panel, a line of its legend, and a letter and a box in it.
_FRAME, _LINE, _LETTER, _BOX = 42, 18, 6, 26
_LABELS, _LEVELS, _FONT = 6, 5, 11
_GREY, _RED = "#d5dbdb", "#d62728"
_COLORS = (
    *("#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#17becf"),
    *("#bcbd22", "#aec7e8", "#ffbb78", "#98df8a", "#c5b0d5", "#c49c94", "#f7b6d2", "#9edae5"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One of a legend; a level is drawn ``dashed``."""

    label: str
    color: str
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """An image without words but those of its axes, and what its curves are."""

    svg: str
    legend: tuple[Entry, ...]


def draw(chart: Chart, series: Sequence[Series], window: Window) -> Drawing:
    """Curves from left to right, levels across, times below in UTC; without a title."""
    left = [one for one in series if not one.curve.is_right]
    right = [one for one in series if one.curve.is_right]
    # pygal draws no axis on the right for curves without a point: those keep to the left.
    left += [one for one in right if one.last is None]
    right = [one for one in right if one.last is not None]
    legend = _legend(chart, left, right)
    drawing = _empty(chart, window, legend)
    for one in left:
        drawing.add(one.curve.label, list(one.points), show_dots=is_lonely(one.points))
    for level in chart.levels:
        drawing.add(
            level.label,
            [level.value] * window.count,
            show_dots=False,
            fill=False,
            stroke_style={"dasharray": "6, 4", "width": 1.5},
        )
    for one in right:
        drawing.add(
            one.curve.label, list(one.points), secondary=True, show_dots=is_lonely(one.points)
        )
    name = f"{chart.place.top}-{chart.place.left}"
    return Drawing(svg=still(drawing, name), legend=legend)


def is_lonely(points: Points) -> bool:
    """Whether there is a point without neighbours, which no line would show.

    Dots are most of a drawing's size: the other curves have none.
    """
    padded = (None, *points, None)
    return any(
        point is not None and padded[n] is None and padded[n + 2] is None
        for n, point in enumerate(points)
    )


def _legend(chart: Chart, left: Sequence[Series], right: Sequence[Series]) -> tuple[Entry, ...]:
    """In the order in which pygal counts colours: all of the left axis, then the right one's."""
    taken = {one.curve.color for one in (*left, *right)}
    spare = cycle([color for color in _COLORS if color not in taken] or _COLORS)

    def of(some: Sequence[Series]) -> list[Entry]:
        return [
            Entry(label=_label(one, chart), color=one.curve.color or next(spare)) for one in some
        ]

    levels = [Entry(label=one.label, color=_RED, dashed=True) for one in chart.levels]
    return (*of(left), *levels, *of(right))


def _label(one: Series, chart: Chart) -> str:
    return f"{one.curve.label} ({chart.right_unit})" if one.curve.is_right else one.curve.label


def _empty(chart: Chart, window: Window, legend: Sequence[Entry]) -> Any:
    kind: Any = pygal.StackedLine if chart.is_stacked else pygal.Line
    width = chart.place.width * CELL_WIDTH
    letters = sum(len(one.label) * _LETTER + _BOX for one in legend)
    drawing = kind(
        width=width,
        height=chart.place.height * CELL_HEIGHT - _FRAME - _LINE * -(-letters // width),
        style=_style([one.color for one in legend]),
        js=(),
        disable_xml_declaration=True,
        show_legend=False,
        y_title=chart.unit,
        value_formatter=figure,
        max_scale=_LEVELS,
        allow_interruptions=True,
        dots_size=2.5,
        fill=chart.is_stacked,
        include_x_axis=True,
        no_data_text="nothing yet",
        x_labels_major_every=max(window.count // _LABELS, 1),
        show_minor_x_labels=False,
        truncate_label=-1,
        margin=4,
    )
    drawing.x_labels = [_time(start, window) for start in window.starts]
    return drawing


def _style(colors: Sequence[str]) -> Style:
    return Style(
        background="white",
        plot_background="white",
        colors=tuple(colors),
        font_family="sans-serif",
        label_font_size=_FONT,
        major_label_font_size=_FONT,
        title_font_size=_FONT,
        no_data_font_size=_FONT + 2,
        guide_stroke_color=_GREY,
        major_guide_stroke_color=_GREY,
        opacity=".25",
        stroke_opacity="1",
    )


def _time(start: int, window: Window) -> str:
    at = datetime.fromtimestamp(start, tz=UTC)
    is_long = window.period * window.count > 86_400  # noqa: PLR2004 -- a day
    return f"{at:%m-%d %H:%M}" if is_long else f"{at:%H:%M}"
