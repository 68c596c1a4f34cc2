"""A job with priorities that takes a while."""

from datetime import timedelta

from workerless import PRIORITIES, Fixed, JobType, Payload, Tracking


class Laned(Payload):
    """Takes ``seconds``, and fails ``failures`` times first."""

    number: int
    seconds: float = 0
    failures: int = 0


laned = JobType(
    name="laned",
    payload=Laned,
    retry=Fixed(attempts=3, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=20),
    concurrency=8,
    lanes=PRIORITIES,
    tracking=Tracking.LEAN,
)
