"""A long job's mistakes; each marked line must not type-check."""

from workerless import JobType, Payload
from workerless.execution.context import JobContext
from workerless.worker import worker


class Crawl(Payload):
    """What to read."""


crawl = JobType(name="crawl", payload=Crawl, cursor=int)
brief = JobType(name="brief", payload=Crawl)


@worker(crawl)
def right(payload: Crawl, job: JobContext[int]) -> None:
    for page in job.each((one, one + 1) for one in range(job.cursor or 0, 9)):
        page.bit_length()
    job.checkpoint(job.cursor + 1)  # error: operator
    job.checkpoint("page 3")  # error: arg-type


@worker(crawl)
def untyped(payload: Crawl, job: JobContext) -> None:
    job.checkpoint(1)


@worker(crawl)  # error: arg-type
def of_another_type(payload: Crawl, job: JobContext[str]) -> None:
    job.checkpoint("page 3")


@worker(brief)
def short(payload: Crawl, job: JobContext) -> None:
    job.progress(50)
