"""Tells which function it ran in."""

import os

from functions.tiny_first.job import TinyFirst, TinyFirstDone, tiny_first

from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(payload: TinyFirst, job: JobContext) -> TinyFirstDone:
    """Return, or raise in the first attempts."""
    if job.attempt <= payload.failures:
        raise RuntimeError("as told")
    return TinyFirstDone(by="tiny_first", function=os.environ["AWS_LAMBDA_FUNCTION_NAME"])


handler = worker(tiny_first)(perform)
