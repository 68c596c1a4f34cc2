"""``workerless reschedule`` and ``promote``: another time for a job that waits."""

from typing import Annotated

import typer

from workerless.cli.duration import duration
from workerless.cli.follow import JobId, status
from workerless.cli.setting import setting_of


def reschedule(
    ctx: typer.Context,
    job_id: JobId,
    delay: Annotated[str, typer.Argument(metavar="DELAY", help="From now, like 90s, 10m or 3d.")],
) -> None:
    """Have a job that waits run at another time; one that runs or has ended is a conflict."""
    wait = duration("DELAY", delay)
    setting_of(ctx).client().reschedule(job_id, wait)
    status(ctx, job_id)


def promote(ctx: typer.Context, job_id: JobId) -> None:
    """Have a job that waits run now; one that runs or has ended is a conflict."""
    setting_of(ctx).client().promote(job_id)
    status(ctx, job_id)
