"""The chunks."""

from collections.abc import Sequence

from functions.chunked.job import Item, Taken, chunked

from workerless.chunks import chunk_worker
from workerless.execution.context import JobContext


@chunk_worker(chunked)
def handler(items: Sequence[Item], jobs: Sequence[JobContext]) -> list[Taken | BaseException]:
    """Refuses each seventh at first."""
    return [
        ValueError("at first") if _is_refused(item, job) else Taken(together=len(items))
        for item, job in zip(items, jobs, strict=True)
    ]


def _is_refused(item: Item, job: JobContext) -> bool:
    return item.number % 7 == 0 and job.attempt == 1
