"""What follows many jobs: a callback."""

from datetime import timedelta

from workerless import JobType, Payload, Result


class Sum(Payload):
    """What there is of theirs."""

    ns: list[int]


class Gathered(Result):
    """How much that is."""

    total: int


gathered = JobType(name="gathered", payload=Sum, result=Gathered, timeout=timedelta(seconds=30))
