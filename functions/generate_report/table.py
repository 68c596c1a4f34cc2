"""A day's figures as CSV, a row a job type; notes are lines that begin with ``#``. Pure."""

import csv
from io import StringIO

from functions.generate_report.figures import Figures, Line
from workerless.search import Count

_COLUMNS = (
    "day",
    "job_type",
    "enqueued",
    "completed",
    "failed",
    "discarded",
    "cancelled",
    "retried",
    "dead_letters",
    "p50_ms",
    "p95_ms",
)


def table(figures: Figures) -> bytes:
    """UTF-8, RFC 4180; ``1000+`` means at least so many, an empty field that nobody knows."""
    file = StringIO(newline="")
    for note in figures.notes:
        file.write(f"# {note}\r\n")
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for line in figures.lines:
        writer.writerow([figures.day, *_fields(line)])
    return file.getvalue().encode()


def _fields(line: Line) -> list[str]:
    return [_text(getattr(line, column)) for column in _COLUMNS[1:]]


def _text(value: str | float | Count | None) -> str:
    match value:
        case None:
            return ""
        case Count():
            return f"{value.number}+" if value.at_least else str(value.number)
        case float():
            return f"{value:.1f}"
        case _:
            return str(value)
