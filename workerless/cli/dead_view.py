"""How people see dead jobs: many in a table, one in full, and groups."""

from collections.abc import Iterable

from rich.console import Console

from workerless.cli.job_view import print_error, print_table
from workerless.cli.output import compact, safe
from workerless.operations.dead_job import DeadDetail, DeadJob
from workerless.operations.group import Group

_MESSAGE = 60
_SAMPLES = 3


def print_dead(console: Console, jobs: Iterable[DeadJob]) -> None:
    """A dead job a line."""
    rows = [
        (
            job.job_id,
            job.attempts,
            f"{job.failed_at:%Y-%m-%d %H:%M:%S}",
            f"{job.reason} (SQS)" if job.moved_by_sqs else job.reason,
            job.fingerprint,
            _error(job),
        )
        for job in jobs
    ]
    print_table(console, ("id", "attempts", "failed (UTC)", "reason", "group", "error"), rows)


def print_detail(console: Console, detail: DeadDetail) -> None:
    """All that is known of one, errors and timeline last."""
    job = detail.job
    rows = {
        "id": job.job_id,
        "type": job.job_type,
        "reason": job.reason,
        "moved": "by SQS: no worker let it fail" if job.moved_by_sqs else None,
        "group": job.fingerprint,
        "attempts": job.attempts,
        "generation": job.generation,
        "tenant": job.tenant,
        "enqueued": job.enqueued_at.isoformat(timespec="milliseconds"),
        "failed": job.failed_at.isoformat(timespec="milliseconds"),
        "data": None if job.data is None else compact(job.data),
        "message": None if job.data is not None else detail.body or "gone",
    }
    for name, value in rows.items():
        if value is not None:
            console.print(f"{name:<12}{safe(value)}")
    console.print("timeline")
    for one in detail.timeline:
        told = f"  {one.at.isoformat(timespec='milliseconds')} {one.what} {one.detail or ''}"
        console.print(safe(told.rstrip()))
    for error, text in zip(detail.errors, detail.texts, strict=True):
        print_error(console, error, text)


def print_groups(console: Console, groups: Iterable[Group]) -> None:
    """A group a line, and below it what it is about."""
    for group in groups:
        count = f"{group.count}{'+' if group.at_least else ''}"
        seen = f"{group.first_seen:%Y-%m-%d %H:%M:%S} to {group.last_seen:%Y-%m-%d %H:%M:%S} UTC"
        console.print(safe(f"{group.fingerprint}  {count:>6}  {group.status.value:<9} {seen}"))
        error = f"{group.error_type}: " if group.error_type else ""
        console.print(safe(f"    {error}{group.sample_message}"))
        console.print(safe(f"    like {', '.join(group.sample_ids[:_SAMPLES])}"))
        if group.by and group.at:
            why = f": {group.why}" if group.why else ""
            console.print(safe(f"    {group.by}, {group.at:%Y-%m-%d %H:%M} UTC{why}"))


def _error(job: DeadJob) -> str:
    if not job.error_type:
        return ""
    text = f"{job.error_type}: {job.message or ''}"
    return text if len(text) <= _MESSAGE else f"{text[: _MESSAGE - 3]}..."
