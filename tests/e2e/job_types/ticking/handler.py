"""Runs for a tick."""

from functions.ticking.job import Ticking, ticking

from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(payload: Ticking, job: JobContext) -> None:
    """Return, if it is told what it was scheduled with."""
    assert payload.text == "<{{x}}>"
    assert job.scheduled_for is not None


handler = worker(ticking)(perform)
