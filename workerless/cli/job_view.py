"""How people see jobs: one in full, many in a table."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console

from workerless.cli.output import compact, safe
from workerless.handle import JobStatus
from workerless.record import AttemptError, Progress
from workerless.search import Listed


def print_status(console: Console, status: JobStatus[Any]) -> None:
    """Every field that says something, one a line."""
    event = _event(status)
    rows = {
        "id": status.id,
        "type": status.type,
        "state": status.state.value,
        "waits for": event,
        "reason": None if event else status.failed_reason,
        "attempt": f"{status.attempt} of {status.max_attempts}",
        "progress": _progress(status.progress),
        "continued": _times(status.continuations),
        "cursor": None if status.cursor is None else compact(status.cursor),
        "tenant": status.tenant,
        "lane": status.lane,
        "correlation": status.correlation_id,
        "parent": status.parent_id,
        "trace": status.traceparent,
        "enqueued": _instant(status.enqueued_at),
        "gives up" if event else "runs": _instant(status.run_at),
        "expires": _instant(status.start_by),
        "cancelling": "asked to end" if status.is_cancelling else None,
        "started": _instant(status.started_at),
        "heartbeat": _instant(status.last_heartbeat),
        "stalled": _instant(status.stalled_at),
        "finished": _instant(status.finished_at),
        "data": None if status.data is None else compact(status.data),
        "result": None if status.result is None else compact(status.result),
    }
    for name, value in rows.items():
        if value:
            console.print(f"{name:<12}{safe(value)}")
    for error in status.errors:
        console.print(safe(f"attempt {error.attempt}   {error.error_type}: {error.message}"))


def print_error(console: Console, error: AttemptError, text: str) -> None:
    """All that one attempt said, in its own lines."""
    console.print(f"\nattempt {error.attempt}, {_instant(error.at)}")
    for line in text.splitlines():
        console.print(f"  {safe(line)}")


def print_table(
    console: Console, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Plain columns. Never cut to the terminal's width: half an id is of no use."""
    lines = [headings, *(["" if cell is None else safe(cell) for cell in row] for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        console.print("  ".join(cells).rstrip())


def print_rows(console: Console, found: Iterable[Listed]) -> None:
    """A job a line, all in the same state."""
    rows = [
        (
            row.job_id,
            f"{row.attempt}/{row.max_attempts}",
            f"{row.updated_at:%Y-%m-%d %H:%M:%S}",
            row.reason,
        )
        for row in found
    ]
    print_table(console, ("id", "attempt", "changed (UTC)", "reason"), rows)


def _event(status: JobStatus[Any]) -> str | None:
    """The event that the job stands still for."""
    kind, _, name = (status.failed_reason or "").partition(":")
    return name if kind == "event" and status.state.is_waiting else None


def _progress(progress: Progress | None) -> str:
    return f"{progress.percent:g} % {progress.step or ''}".strip() if progress else ""


def _times(number: int) -> str:
    return f"{number:,} times" if number > 1 else "once" * number


def _instant(instant: datetime | None) -> str:
    return instant.isoformat(timespec="milliseconds") if instant else ""
