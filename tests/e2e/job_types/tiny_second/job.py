"""A small job that shares a function with others."""

from datetime import timedelta

from workerless import TIERS, Fixed, JobType, Payload, Result


class TinySecond(Payload):
    """Nothing to do, or to fail ``failures`` times first."""

    number: int
    failures: int = 0


class TinySecondDone(Result):
    """Who did it, and where."""

    by: str
    function: str


tiny_second = JobType(
    name="tiny_second",
    payload=TinySecond,
    result=TinySecondDone,
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=10),
    lanes=TIERS,
    concurrency=6,
)
