"""The wait."""

import time
from datetime import timedelta

from functions.awaited.job import Await, Heard, Word, awaited

from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(payload: Await, job: JobContext) -> Heard:
    """Gives its token away, once, and waits."""
    token = job.once("token", lambda: job.token("word", expires_in=timedelta(hours=1)))
    asked = job.once("asked", time.time_ns)
    job.progress(50, token=token)
    word = job.wait_for("word", Word, timeout=timedelta(seconds=payload.seconds))
    return Heard(by=word.by if word else None, attempt=job.attempt, asked=asked)


handler = worker(awaited)(perform)
