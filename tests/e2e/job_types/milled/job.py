"""One step of a workflow."""

from datetime import timedelta

from workerless import Fixed, JobType, Payload, Result


class Grain(Payload):
    """What goes in; with ``fails`` nothing comes out."""

    n: int
    fails: bool = False


class Flour(Result):
    """What comes out: one more."""

    n: int


milled = JobType(
    name="milled",
    payload=Grain,
    result=Flour,
    retry=Fixed(attempts=1, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=5),
    concurrency=5,
    batch_size=10,
)
