"""The part of the drawing that has a row for each job type, the busiest first. Pure."""

from collections.abc import Iterator, Sequence

from functions.generate_report.drawing import box, text
from functions.generate_report.figures import Line
from workerless.search import Count

_HEIGHT = 30.0
_MAX_ROWS = 20
_LETTERS = 32
# Where each column ends, from the right edge.
_COLUMNS = {
    "enqueued": 490.0,
    "completed": 400.0,
    "failed": 325.0,
    "retried": 250.0,
    "dead letters": 150.0,
    "p50": 75.0,
    "p95": 0.0,
}
_BAR = 96.0
_UNKNOWN = "\N{EN DASH}"
_SECOND, _MINUTE, _HOUR = 1_000.0, 60_000.0, 3_600_000.0


def rows(
    lines: Sequence[Line], *, left: float, right: float, top: float
) -> tuple[list[str], float]:
    """The pieces, and the line on which a text below them may stand."""
    ordered = sorted(lines, key=_size, reverse=True)
    most = max(map(_size, lines), default=0) or 1
    pieces = [text(left, top, "job type", look="head")]
    pieces += [text(right - at, top, name, look="head end") for name, at in _COLUMNS.items()]
    y = top + 10
    for line in ordered[:_MAX_ROWS]:
        pieces.append(box(left, y, right - left, 1, look="line"))
        pieces += _row(line, left=left, right=right, y=y + 20, share=_size(line) / most)
        y += _HEIGHT
    if (more := len(ordered) - _MAX_ROWS) > 0:
        pieces.append(text(left, y + 20, f"and {more} more", look="quiet"))
        y += _HEIGHT
    return pieces, y + 28


def _row(line: Line, *, left: float, right: float, y: float, share: float) -> Iterator[str]:
    name = line.job_type
    yield text(left, y, name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…")
    if share:
        x = right - _COLUMNS["enqueued"] - 72 - _BAR
        yield box(x, y - 9, max(_BAR * share, 2), 9, look="completed")
    told = {
        "enqueued": number(line.enqueued),
        "completed": number(line.completed),
        "failed": number(line.failed),
        "retried": number(line.retried),
        "dead letters": number(line.dead_letters),
        "p50": duration(line.p50_ms),
        "p95": duration(line.p95_ms),
    }
    bad = {"failed"} if line.failed else set()
    bad |= {"dead letters"} if line.dead_letters.number else set()
    for column, content in told.items():
        look = "end bad" if column in bad else "end"
        yield text(right - _COLUMNS[column], y, content, look=look)


def number(value: int | Count | None) -> str:
    """With a plus where there may be more, a dash where nobody knows."""
    match value:
        case None:
            return _UNKNOWN
        case Count():
            return f"{value.number:,}{'+' if value.at_least else ''}"
        case _:
            return f"{value:,}"


def duration(ms: float | None) -> str:
    """As people say it, in two or three digits."""
    if ms is None:
        return _UNKNOWN
    if ms < _SECOND:
        return f"{ms:.0f} ms"
    if ms < _MINUTE:
        return f"{ms / _SECOND:.1f} s"
    return f"{ms / _MINUTE:.1f} min" if ms < _HOUR else f"{ms / _HOUR:.1f} h"


def _size(line: Line) -> int:
    return (line.completed or 0) + line.failed
