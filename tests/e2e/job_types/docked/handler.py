"""Takes as long as it is told to."""

import os
import tempfile
import time
from pathlib import Path

from functions.docked.job import Docked, Landed, docked

from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(payload: Docked, job: JobContext) -> Landed:
    """Say who it is, and sleep."""
    job.progress(1, step=str(os.getpid()))
    time.sleep(payload.seconds)
    return Landed(pid=os.getpid(), attempt=job.attempt)


def leave() -> None:
    """Say so beside the process's word of its health."""
    with (Path(tempfile.gettempdir()) / "left").open("a") as file:
        file.write(f"{os.getpid()}\n")


handler = worker(docked, on_shutdown=leave)(perform)
