"""It looks up now and then."""

import time

from functions.patient.job import Wait, Waited, patient

from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(payload: Wait, job: JobContext) -> Waited:
    """Waits in small steps."""
    until = time.monotonic() + payload.seconds
    while time.monotonic() < until:
        job.progress(50)
        time.sleep(0.2)
    return Waited(version=payload.version)


handler = worker(patient)(perform)
