"""A job whose function makes spans."""

from datetime import timedelta

from workerless import Fixed, JobType, Payload


class Spanned(Payload):
    """The handler raises ``error``, if there is one."""

    error: str | None = None


spanned = JobType(
    name="spanned",
    payload=Spanned,
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=5),
)
