"""A job of which only so many may start in a second."""

from datetime import timedelta

from workerless import JobType, Payload, RateLimit, Result


class Call(Payload):
    """One call of somebody who counts."""

    number: int


class Called(Result):
    """When it was made, in seconds since the epoch."""

    at: float


metered = JobType(
    name="metered",
    payload=Call,
    result=Called,
    timeout=timedelta(seconds=10),
    concurrency=5,
    rate_limits=(RateLimit(30, per=timedelta(seconds=1)),),
)
