"""Living and dying."""

import os
import time

from functions.mortal.job import Live, Lived, mortal

from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(payload: Live, job: JobContext) -> Lived:
    """Do as told; whoever sleeps says so, to be found."""
    if payload.deed == "exit_process":
        os._exit(9)
    if payload.deed == "sleep_once" and job.attempt == 1:
        job.progress(1, step=str(os.getpid()))
        time.sleep(1.9)
    return Lived(attempt=job.attempt)


handler = worker(mortal)(perform)
