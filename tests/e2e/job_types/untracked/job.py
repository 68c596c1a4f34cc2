"""A job that leaves nothing behind but what it logs."""

from datetime import timedelta

from workerless import Fixed, JobType, Payload, Tracking


class Untracked(Payload):
    """Nothing to do, or to fail ``failures`` times first."""

    number: int
    failures: int = 0


untracked = JobType(
    name="untracked",
    payload=Untracked,
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=5),
    batch_size=10,
    tracking=Tracking.OFF,
)
