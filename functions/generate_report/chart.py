"""A day's figures as a drawing: SVG that loads nothing, runs nothing and needs no library. Pure.

From top to bottom: title and totals, a bar for each hour, a row for each job type, the notes.
"""

import math
import textwrap
from collections.abc import Iterator, Sequence
from html import escape

from functions.generate_report.drawing import STYLE, box, text
from functions.generate_report.figures import Bar, Figures
from functions.generate_report.rows import rows

WIDTH = 960
_LEFT, _RIGHT = 32.0, WIDTH - 32.0
_BARS_LEFT, _BARS_TOP, _BARS_BOTTOM = 84.0, 186.0, 386.0
_ROWS_TOP = 450.0
_NOTE = 18.0
_LETTERS = 128
# Of one failed job among a thousand others there would be nothing to see.
_LEAST = 3.0
_LEGEND = (
    (_RIGHT - 266, "completed", "completed"),
    (_RIGHT - 166, "failed", "failed"),
    (_RIGHT - 96, "not counted", "unknown"),
)


def chart(figures: Figures) -> bytes:
    """The drawing, as high as it has job types and notes to show."""
    title = f"Jobs of {figures.day:%A, %-d %B %Y}"
    table, below = rows(figures.lines, left=_LEFT, right=_RIGHT, top=_ROWS_TOP)
    notes = [part for note in figures.notes for part in textwrap.wrap(note, _LETTERS)]
    height = round(below + _NOTE * len(notes) + 24)
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {_size(height)}>',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        box(0, 0, WIDTH, height, look="paper"),
        text(_LEFT, 46, title, look="title"),
        text(_LEFT, 70, f"Times are those of {figures.zone}", look="quiet"),
        *_totals(figures),
        *_bars(figures.bars),
        *table,
        *(text(_LEFT, below + _NOTE * at, note, look="note") for at, note in enumerate(notes)),
        "</svg>",
    ]
    return ("\n".join(pieces) + "\n").encode()


def _size(height: int) -> str:
    return f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'


def _totals(figures: Figures) -> Iterator[str]:
    dead = sum(line.dead_letters.number for line in figures.lines)
    told = [
        ("completed", figures.total("completed")),
        ("failed", figures.total("failed")),
        ("retried", figures.total("retried")),
        ("dead letters now", dead),
    ]
    for number, (name, total) in enumerate(told):
        x = _LEFT + 170 * number
        yield text(x, 124, f"{total:,}", look="total")
        yield text(x, 144, name, look="quiet")


def _bars(bars: Sequence[Bar]) -> Iterator[str]:
    top, step = _scale(max(((bar.completed or 0) + bar.failed for bar in bars), default=0))
    pixels = (_BARS_BOTTOM - _BARS_TOP) / top
    for value in range(step, top + 1, step):
        y = _BARS_BOTTOM - value * pixels
        yield box(_BARS_LEFT, y, _RIGHT - _BARS_LEFT, 1, look="line")
        yield text(_BARS_LEFT - 10, y + 4, f"{value:,}", look="end quiet")
    width = (_RIGHT - _BARS_LEFT) / len(bars)
    for number, bar in enumerate(bars):
        x = _BARS_LEFT + number * width
        yield from _bar(bar, x + width * 0.15, width * 0.7, pixels)
        if number % 3 == 0:
            yield text(x + width / 2, _BARS_BOTTOM + 20, f"{bar.start:%H:%M}", look="middle quiet")
    yield box(_BARS_LEFT, _BARS_BOTTOM, _RIGHT - _BARS_LEFT, 1, look="base")
    for x, name, look in _LEGEND:
        yield box(x, 36, 11, 11, look=look)
        yield text(x + 17, 46, name, look="quiet")


def _bar(bar: Bar, x: float, width: float, pixels: float) -> Iterator[str]:
    """Failed jobs stand on those that completed."""
    if bar.completed is None:
        height = _BARS_BOTTOM - _BARS_TOP
        yield box(x, _BARS_TOP, width, height, look="unknown", told="not counted")
        return
    told = f"{bar.start:%H:%M}: {bar.completed:,} completed, {bar.failed:,} failed"
    y = _BARS_BOTTOM - bar.completed * pixels
    if bar.completed:
        yield box(x, y, width, bar.completed * pixels, look="completed", told=told)
    if bar.failed:
        height = max(bar.failed * pixels, _LEAST)
        yield box(x, y - height, width, height, look="failed", told=told)


def _scale(most: int) -> tuple[int, int]:
    """The end of an axis that reaches ``most``, and its step: 1, 2 or 5 times a power of ten."""
    if most <= 4:  # noqa: PLR2004 -- a line for each job
        return max(most, 1), 1
    power = 10 ** math.floor(math.log10(most / 4))
    step = next(one * power for one in (1, 2, 5, 10) if one * power * 4 >= most)
    return math.ceil(most / step) * step, step
