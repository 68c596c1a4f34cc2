"""``workerless jobs logs``: what functions wrote while they worked on one job."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from workerless.cli.follow import JobId
from workerless.cli.output import people, print_json, safe
from workerless.cli.setting import setting_of
from workerless.logs import LogLine

_MILLISECONDS = 1_000


def logs(
    ctx: typer.Context,
    job_id: JobId,
    limit: Annotated[int, typer.Option(min=1, help="How many lines at most.")] = 1_000,
) -> None:
    """Show the lines that a job's function wrote about it, from its first attempt on.

    Those are the lines that hold its id: ours, and what a handler writes with ``job.logger``.
    """
    setting = setting_of(ctx)
    job = setting.client().job(job_id).status()
    inspection = setting.inspection()
    function = inspection.directory.find(job.type).function
    lines = inspection.logs.lines(function, job_id, since=job.enqueued_at, limit=limit)
    if setting.as_json:
        print_json([{"at": _at(line), "line": line.text} for line in lines])
        return
    for line in lines:
        people().print(safe(f"{_at(line).isoformat(timespec='milliseconds')} {line.text}"))
    if not lines:
        people(stderr=True).print(
            safe(f"{function} wrote nothing about {job_id} yet; lines come when an attempt ends")
        )


def _at(line: LogLine) -> datetime:
    return datetime.fromtimestamp(line.at_ms / _MILLISECONDS, tz=UTC)
