"""Tells which function it ran in."""

import os

from functions.tiny_second.job import TinySecond, TinySecondDone, tiny_second

from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(payload: TinySecond, job: JobContext) -> TinySecondDone:
    """Return, or raise in the first attempts."""
    if job.attempt <= payload.failures:
        raise RuntimeError("as told")
    return TinySecondDone(by="tiny_second", function=os.environ["AWS_LAMBDA_FUNCTION_NAME"])


handler = worker(tiny_second)(perform)
