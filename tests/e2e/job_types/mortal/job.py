"""Jobs that die with their process, or wait to be killed."""

from datetime import timedelta
from typing import Literal

from workerless import Fixed, JobType, Payload, Result


class Live(Payload):
    """Lives, exits its process, or sleeps until somebody ends it (the first time only)."""

    deed: Literal["live", "exit_process", "sleep_once"]


class Lived(Result):
    """The attempt that came through."""

    attempt: int


mortal = JobType(
    name="mortal",
    payload=Live,
    result=Lived,
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=2),
    concurrency=2,
    batch_size=10,
)
