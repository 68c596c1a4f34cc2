"""How people see bulk operations, and what machines get of them."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console

from workerless.cli.job_view import print_table
from workerless.cli.output import plain, safe
from workerless.ledger import Operation
from workerless.search import Search


def told(operation: Operation) -> dict[str, Any]:
    """What machines get: what it is and how far, without what it remembers for itself."""
    return {
        "id": operation.operation_id,
        "kind": operation.kind,
        "state": operation.stand,
        "phase": operation.phase,
        "by": operation.by,
        "why": operation.why,
        "search": _said(operation.search),
        "rate": operation.rate,
        "canary": plain(operation.canary),
        "counts": plain(operation.counts),
        "created_at": plain(operation.created_at),
        "updated_at": plain(operation.updated_at),
        "ended_at": plain(operation.ended_at),
        "ended_because": operation.ended_because,
        "problems": dict(operation.problems),
    }


def print_operation(console: Console, operation: Operation) -> None:
    """Every field that says something, one a line."""
    counts = operation.counts
    total = f"{counts.total}{' or more' if counts.at_least else ''}"
    canary = operation.canary
    rows = {
        "id": operation.operation_id,
        "does": operation.kind.value,
        "to": _words(operation.search),
        "state": operation.stand.value,
        "because": operation.ended_because,
        "jobs": f"{counts.done} done, {counts.skipped} skipped, {counts.failed} failed of {total}",
        "letters": f"{counts.letters} cleared away" if counts.letters else None,
        "canary": f"{canary.stages}, {canary.max_failure_ratio:.0%} may fail" if canary else None,
        "rate": f"{operation.rate:g} a second" if operation.rate else None,
        "by": operation.by,
        "why": operation.why,
        "began": operation.created_at.isoformat(timespec="seconds"),
        "ended": operation.ended_at and operation.ended_at.isoformat(timespec="seconds"),
    }
    for name, value in rows.items():
        if value:
            console.print(f"{name:<12}{safe(value)}")
    for job_id, why in operation.problems.items():
        console.print(safe(f"problem     {job_id}: {why}"))


def print_operations(console: Console, operations: Iterable[Operation]) -> None:
    """An operation a line."""
    rows = [
        (
            one.operation_id,
            one.kind.value,
            one.stand.value,
            f"{one.counts.seen}/{one.counts.total}{'+' if one.counts.at_least else ''}",
            f"{one.created_at:%Y-%m-%d %H:%M:%S}",
            one.by,
            _words(one.search),
        )
        for one in operations
    ]
    headings = ("id", "does", "state", "jobs", "began (UTC)", "by", "to")
    print_table(console, headings, rows)


def _said(search: Search) -> dict[str, Any]:
    """Only what was said; states in a stable order."""
    fields = plain(search) | {
        "states": sorted(search.states),
        "tags": sorted(search.tags),
    }
    return {name: value for name, value in fields.items() if value}


def _words(search: Search) -> str:
    said = {name: value for name, value in _said(search).items() if name != "states"}
    return ", ".join(f"{name} {value}" for name, value in said.items())
