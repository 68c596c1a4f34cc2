"""A job that is recorded once it starts."""

from datetime import timedelta

from workerless import Fixed, JobType, Payload, Tracking


class Lean(Payload):
    """Nothing to do, or to fail ``failures`` times first."""

    number: int
    failures: int = 0


lean = JobType(
    name="lean",
    payload=Lean,
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=5),
    batch_size=10,
    tracking=Tracking.LEAN,
)
