"""A job that is retried by the thousand: few of them at once, so that retrying is what is seen."""

from datetime import timedelta

from workerless import JobType, Payload


class Revived(Payload):
    """Nothing to do."""

    number: int


revived = JobType(
    name="revived", payload=Revived, timeout=timedelta(seconds=5), concurrency=2, batch_size=10
)
