"""A small job that shares a function with others."""

from datetime import timedelta

from workerless import Fixed, JobType, Payload, Result


class TinyFirst(Payload):
    """Nothing to do, or to fail ``failures`` times first."""

    number: int
    failures: int = 0


class TinyFirstDone(Result):
    """Who did it, and where."""

    by: str
    function: str


tiny_first = JobType(
    name="tiny_first",
    payload=TinyFirst,
    result=TinyFirstDone,
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=5),
)
