"""A dashboard drawn with made-up series: an hour in which something broke, and was mended."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from statistics import NormalDist

from workerless import metric
from workerless.alarming.metric import Metric, Sample, Samples
from workerless.dashboard.page import STYLE, View, grid
from workerless.dashboard.widget import Chart, Dashboard, Widget, Words

PSEUDO = {"AWS::Region": "eu-west-1", "AWS::AccountId": "111122223333", "AWS::Partition": "aws"}
END = 1_800_000_000.0
_MINUTE, _MINUTES = 60, 70
SPAN = timedelta(hours=1)
# Minutes before the end between which the mail server refused.
_BROKEN = range(20, 36)
# What is shown in the docs: the figures, and the shelves between these headings.
_FIRST, _LAST = "## Flow: what comes", "## Dead letters"
_WIDTH, _ROW = 1_400, 50

# A good minute, and a bad one. What is counted has one sample a minute, times have several.
_COUNTS: Mapping[str, tuple[float, float]] = {
    metric.JOBS_ENQUEUED: (120, 120),
    metric.JOBS_STARTED: (122, 80),
    metric.JOBS_COMPLETED: (120, 34),
    metric.JOBS_RETRIED: (2, 40),
    metric.JOBS_FAILED: (0.3, 5),
    metric.MEMORY_USED: (41, 44),
    "ApproximateNumberOfMessagesVisible": (3, 700),
    "ApproximateNumberOfMessagesNotVisible": (5, 60),
    "ApproximateAgeOfOldestMessage": (2, 420),
    "NumberOfMessagesSent": (120, 120),
    "NumberOfMessagesDeleted": (120, 39),
}
_TIMES: Mapping[str, tuple[float, float]] = {
    metric.JOB_DURATION: (210, 2_400),
    metric.QUEUE_WAIT: (340, 9_000),
    "Duration": (900, 9_000),
}
_SPREAD = tuple(math.exp(0.5 * NormalDist().inv_cdf((rank + 0.5) / 50)) for rank in range(50))
# Of each job that ended one sample.
_ENDED = (120, 39)


def made_up(dashboard: Dashboard) -> Samples:
    """Some minutes of each metric that it shows."""
    charts = [one for one in dashboard.widgets if isinstance(one, Chart)]
    named = {one.metric for chart in charts for one in chart.measures.values()}
    return {one: _series(one) for one in named}


def picture(dashboard: Dashboard) -> str:
    """Its figures and first shelves, as one image; the alarms change more often than the docs."""
    view = View(samples=made_up(dashboard), end=END, span=SPAN)
    shown = [one for one in dashboard.widgets if _is_shown(one, dashboard)]
    top = min(one.place.top for one in shown)
    moved = [replace(one, place=replace(one.place, top=one.place.top - top)) for one in shown]
    height = max(one.place.top + one.place.height for one in moved) * _ROW + 16
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}">'
        '<foreignObject width="100%" height="100%"><body xmlns="http://www.w3.org/1999/xhtml" '
        f'style="margin: 0; padding: 8px; height: {height - 16}px">'
        f"<style>{STYLE}</style>{grid(moved, view)}</body></foreignObject></svg>\n"
    )


def _is_shown(one: Widget, dashboard: Dashboard) -> bool:
    tops = {
        each.markdown[: len(text)]: each.place.top
        for each in dashboard.widgets
        if isinstance(each, Words)
        for text in (_FIRST, _LAST)
        if each.markdown.startswith(text)
    }
    is_figure = isinstance(one, Chart) and one.is_figure and one.place.top < tops[_FIRST]
    return is_figure or tops[_FIRST] <= one.place.top < tops[_LAST]


def _series(one: Metric) -> list[Sample]:
    waves = sum(map(ord, one.name)) % 7 + 3
    return [
        Sample(at=END - _MINUTE * before + number, value=_said(one, value * swing, before))
        for before in range(_MINUTES, 0, -1)
        for swing in (_swing(before, waves),)
        for number, value in enumerate(_minute(one, is_bad=before in _BROKEN))
    ]


def _minute(one: Metric, *, is_bad: bool) -> Sequence[float]:
    if one.name == metric.JOB_ATTEMPTS:
        return [1.0] * _ENDED[is_bad]
    if one.name in _TIMES:
        return [_TIMES[one.name][is_bad] * share for share in _SPREAD]
    if dict(one.dimensions).get("QueueName", "").endswith("-dead"):
        return [(3.0, 40.0)[is_bad]]
    return [_COUNTS.get(one.name, (0.0, 0.0))[is_bad]]


def _said(one: Metric, value: float, before: int) -> float:
    """Jobs and messages are whole; of what is rarer than one a minute, some minutes have one."""
    is_measured = one.name in _TIMES or one.name == metric.MEMORY_USED
    return round(value, 2) if is_measured else math.floor(value + before * 7 % 10 / 10)


def _swing(before: int, waves: int) -> float:
    """No minute is as the one before, and each run draws the same."""
    return 1 + 0.12 * math.sin(before / waves) + 0.08 * math.sin(before * waves)
