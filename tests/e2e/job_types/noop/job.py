"""A job that does nothing, for counting."""

from datetime import timedelta

from workerless import JobType, Payload


class Noop(Payload):
    """Nothing to do."""

    number: int


noop = JobType(
    name="noop", payload=Noop, timeout=timedelta(seconds=5), concurrency=5, batch_size=10
)
