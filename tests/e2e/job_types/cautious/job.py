"""A job that must not be repeated by itself: whoever dies in it is looked at by a person."""

from datetime import timedelta

from workerless import JobType, OnUnknownOutcome, Payload


class Tread(Payload):
    """Ends its process in its first life, then lives."""


cautious = JobType(
    name="cautious",
    payload=Tread,
    timeout=timedelta(seconds=2),
    concurrency=2,
    on_unknown_outcome=OnUnknownOutcome.HOLD,
)
