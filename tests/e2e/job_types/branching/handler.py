"""The tree."""

from functions.branching.job import Branch, branching

from workerless.execution.context import JobContext
from workerless.worker import worker


@worker(branching)
def handler(branch: Branch, job: JobContext) -> None:
    """Grow; one that ``dies_once`` has grown by then."""
    if branch.height:
        names = (f"{branch.name}{end}" for end in "lr")
        grown = [Branch(height=branch.height - 1, name=name) for name in names]
        job.batch.add_many(branching, grown if job.attempt == 1 else grown[::-1])
    if branch.dies_once and job.attempt == 1:
        raise ValueError("lightning")
