"""A dashboard as a page: one file of HTML that loads nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape

from workerless.alarming.metric import Samples
from workerless.dashboard.chart import Drawing, draw
from workerless.dashboard.compute import Series, series_of, window_of
from workerless.dashboard.figure import figure
from workerless.dashboard.widget import Bells, Chart, Dashboard, Place, Widget, Words
from workerless.dashboard.words import html as words_html
from workerless.dashboard.words import linked

_UNKNOWN = "unknown"
STYLE = """
body { font: 14px/1.4 sans-serif; margin: 12px; background: #f2f3f3; color: #16191f; }
header { margin-bottom: 8px; }
main { display: grid; grid-template-columns: repeat(24, 1fr); grid-auto-rows: 42px; gap: 8px; }
section { background: white; border-radius: 4px; padding: 8px 12px; overflow: auto;
  display: flex; flex-direction: column; min-width: 0; }
section.heading { background: none; padding: 0 4px; justify-content: end; }
h1, h2, h3, p { margin: 0 0 6px; } h1 { font-size: 20px; } h2 { font-size: 16px; }
section > h3 { font-size: 13px; }
a { color: #0972d3; } code { background: #eef; padding: 0 3px; }
svg { width: 100%; flex: 1; min-height: 0; }
.figures { display: flex; flex-wrap: wrap; gap: 4px 24px; align-items: center; flex: 1; }
.figures b { display: block; font-size: 32px; line-height: 1.1; }
.legend { display: flex; flex-wrap: wrap; gap: 0 14px; font-size: 12px; }
.legend i { display: inline-block; width: 14px; margin-right: 5px; vertical-align: middle; }
.bells { display: grid; grid-template-columns: repeat(4, 1fr); gap: 6px; }
.bells span { padding: 4px 8px; border-left: 4px solid #7f7f7f; background: #f8f8f8;
  overflow-wrap: anywhere; }
.bells .OK { border-color: #2ca02c; } .bells .ALARM { border-color: #d62728;
  background: #fdecec; font-weight: bold; }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What was measured until ``end`` (epoch seconds), and what alarms make of it, by name."""

    samples: Samples
    end: float
    span: timedelta = timedelta(hours=3)
    states: Mapping[str, str] = field(default_factory=dict)


def page(dashboard: Dashboard, view: View) -> str:
    """The whole file."""
    until = datetime.fromtimestamp(view.end, tz=UTC)
    since = until - view.span
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(dashboard.name)}</title><style>{STYLE}</style></head><body>"
        f"<header>{escape(dashboard.name)}, {since:%Y-%m-%d %H:%M:%S} "
        f"to {until:%Y-%m-%d %H:%M:%S} UTC</header>"
        f"{grid(dashboard.widgets, view)}</body></html>\n"
    )


def grid(widgets: Sequence[Widget], view: View) -> str:
    """Widgets in their places, as an element that ``STYLE`` is for."""
    return f"<main>{'\n'.join(_section(one, view) for one in widgets)}</main>"


def _section(one: Widget, view: View) -> str:
    match one:
        case Words():
            kind = "heading" if one.markdown.startswith("## ") else "words"
            return _framed(one.place, words_html(one.markdown, linked), kind=kind)
        case Bells():
            told = "".join(_bell(name, view.states.get(name, _UNKNOWN)) for name in one.alarms)
            return _framed(one.place, f'<div class="bells">{told}</div>', title=one.title)
        case Chart():
            return _framed(one.place, _chart(one, view), title=one.title)


def _framed(place: Place, inner: str, *, title: str = "", kind: str = "panel") -> str:
    where = (
        f"grid-area: {place.top + 1} / {place.left + 1} / span {place.height} / span {place.width}"
    )
    above = f"<h3>{escape(title)}</h3>" if title else ""
    return f'<section class="{kind}" style="{where}">{above}{inner}</section>'


def _bell(name: str, state: str) -> str:
    return f'<span class="{escape(state)}">{escape(name)}<br/>{escape(state)}</span>'


def _chart(one: Chart, view: View) -> str:
    start = view.end - view.span.total_seconds()
    window = window_of(one, start=start, end=view.end)
    series = series_of(one, view.samples, window)
    return _figures(series) if one.is_figure else _drawn(draw(one, series, window))


def _figures(series: Sequence[Series]) -> str:
    told = "".join(
        f"<span><b>{figure(one.last)}</b>{escape(one.curve.label)}</span>" for one in series
    )
    return f'<div class="figures">{told}</div>'


def _drawn(drawing: Drawing) -> str:
    legend = "".join(
        f'<span><i style="border-top: 3px {"dashed" if one.dashed else "solid"} '
        f'{escape(one.color)}"></i>{escape(one.label)}</span>'
        for one in drawing.legend
    )
    return f'{drawing.svg}<div class="legend">{legend}</div>'
