"""Waiting for a job while showing how far it is."""

from datetime import timedelta
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from workerless.cli.output import people, safe
from workerless.errors import JobNotFoundError, WaitTimeoutError
from workerless.handle import Job, JobStatus

_LOOK = timedelta(seconds=1)


def watch(job: Job[Any], timeout: timedelta) -> JobStatus[Any]:
    """The status once ``job`` has ended. Raises ``WaitTimeoutError``.

    Draws on stderr, and only on a terminal.
    """
    console = people(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("waiting", total=100)
        left = timeout
        while True:
            try:
                return job.wait(min(left, _LOOK))
            except WaitTimeoutError as error:
                left -= _LOOK
                if left <= timedelta(0):
                    raise WaitTimeoutError(
                        f"job {job.id!r} has not ended after {timeout}; it goes on, ask again later"
                    ) from error
            description, percent = _seen(job)
            progress.update(task, description=description, completed=percent)


def _seen(job: Job[Any]) -> tuple[str, float]:
    try:
        status = job.status()
    except JobNotFoundError:
        return "not started", 0
    step = status.progress.step if status.progress else None
    percent = status.progress.percent if status.progress else 0
    return safe(f"{status.state} {step or ''}".strip()), percent
