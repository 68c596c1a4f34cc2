"""Takes several jobs at once."""

from datetime import timedelta

from workerless import Fixed, JobType, Payload, Result


class Item(Payload):
    """One of many."""

    number: int


class Taken(Result):
    """How many were taken together with it."""

    together: int


chunked = JobType(
    name="chunked",
    payload=Item,
    result=Taken,
    retry=Fixed(attempts=2, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=5),
    concurrency=2,
    batch_size=10,
    batching_window=timedelta(seconds=2),
)
