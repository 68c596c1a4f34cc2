"""Takes as long as it is told to."""

import time

from functions.laned.job import Laned, laned

from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(payload: Laned, job: JobContext) -> None:
    """Sleep, or raise in the first attempts."""
    if job.attempt <= payload.failures:
        raise RuntimeError("as told")
    time.sleep(payload.seconds)


handler = worker(laned)(perform)
