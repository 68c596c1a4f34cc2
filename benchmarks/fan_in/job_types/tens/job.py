"""A job that does nothing, up to 10 of them in an invocation."""

from datetime import timedelta

from workerless import JobType, Payload, Result


class Grain(Payload):
    """What goes in."""

    n: int


class Flour(Result):
    """What comes out: one more."""

    n: int


tens = JobType(
    name="tens", payload=Grain, result=Flour, timeout=timedelta(seconds=30), batch_size=10
)
