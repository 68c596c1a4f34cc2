"""What many steps of a workflow gave, put together."""

from datetime import timedelta

from workerless import JobType, Payload, Result


class Sacks(Payload):
    """What there is; None of what gave none."""

    ns: list[int | None]


class Packed(Result):
    """How much that is."""

    total: int


packed = JobType(name="packed", payload=Sacks, result=Packed, timeout=timedelta(seconds=5))
