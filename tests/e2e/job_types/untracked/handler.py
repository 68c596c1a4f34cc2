"""Fails as often as it is told to."""

from functions.untracked.job import Untracked, untracked

from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(payload: Untracked, job: JobContext) -> None:
    """Return, or raise in the first attempts."""
    if job.attempt <= payload.failures:
        raise RuntimeError("as told")


handler = worker(untracked)(perform)
