"""Fails as often as it is told to."""

from functions.lean.job import Lean, lean

from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(payload: Lean, job: JobContext) -> None:
    """Return, or raise in the first attempts."""
    if job.attempt <= payload.failures:
        raise RuntimeError("as told")


handler = worker(lean)(perform)
