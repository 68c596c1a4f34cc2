"""A job of which one runs at a time for each account."""

from datetime import timedelta

from workerless import Concurrency, JobType, Payload, Result


class Keyed(Payload):
    """Takes ``seconds``."""

    account: str
    number: int
    seconds: float


class Span(Result):
    """When it ran, in seconds since the epoch."""

    began: float
    ended: float


keyed = JobType(
    name="keyed",
    payload=Keyed,
    result=Span,
    timeout=timedelta(seconds=10),
    concurrency_key=Concurrency(1, key="account"),
)
