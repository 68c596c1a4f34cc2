"""A job that takes a while, for workers in containers."""

from datetime import timedelta

from workerless import Fixed, JobType, Payload, Result


class Docked(Payload):
    """Takes ``seconds``."""

    seconds: float = 0


class Landed(Result):
    """Which process did it, at which attempt."""

    pid: int
    attempt: int


docked = JobType(
    name="docked",
    payload=Docked,
    result=Landed,
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=20),
    batch_size=10,
)
