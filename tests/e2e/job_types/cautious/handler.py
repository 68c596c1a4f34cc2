"""The first life of each job ends its process; a note tells the second that it is one."""

import os

from functions.cautious.job import Tread, cautious

from workerless.execution.context import JobContext
from workerless.worker import worker


def perform(_payload: Tread, job: JobContext) -> None:
    """Dies once it has written down that it will."""
    if job.once("process", os.getpid) == os.getpid():
        os._exit(9)


handler = worker(cautious)(perform)
