"""Pages that are indexed several at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from workerless import Fixed, Jitter, JobType, Payload, Result
from workerless.handle import Job
from workerless.testing.stage import InMemoryStage

SECOND = timedelta(seconds=1)


class Page(Payload):
    """A page to be indexed."""

    number: int


class Indexed(Result):
    """Under which name."""

    name: str


INDEX = JobType(
    name="index",
    payload=Page,
    result=Indexed,
    batch_size=10,
    retry=Fixed(attempts=3, delay=10 * SECOND, jitter=Jitter.NONE),
)
QUIET = JobType(name="quiet", payload=Page, batch_size=10, retry=INDEX.retry)


class Index:
    """``answers`` says what is given for a page; ``chunks`` are the calls there were."""

    def __init__(self) -> None:
        self.chunks: list[list[int]] = []
        self.answers: dict[int, Any] = {}

    def add(self, pages: Sequence[Page]) -> list[Indexed | BaseException]:
        self.chunks.append([page.number for page in pages])
        return [
            self.answers.pop(page.number, Indexed(name=f"page-{page.number}")) for page in pages
        ]


def enqueued(stage: InMemoryStage, number: int, job_type: Any = INDEX) -> list[Job[Any]]:
    return stage.client.enqueue_many(job_type, [Page(number=n) for n in range(number)])
