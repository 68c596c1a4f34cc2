"""Mistakes of handlers that take several jobs at once; each marked line must not type-check."""

import asyncio
from collections.abc import Sequence

from workerless import JobType, Payload, Result
from workerless.chunks import chunk_worker
from workerless.execution.context import JobContext


class Page(Payload):
    """A page."""

    number: int


class Indexed(Result):
    """Under which name."""

    name: str


index = JobType(name="index", payload=Page, result=Indexed, batch_size=10)
quiet = JobType(name="quiet", payload=Page, batch_size=10)


@chunk_worker(index)
def fits(pages: Sequence[Page]) -> list[Indexed | BaseException]:
    return [Indexed(name=str(page.number)) for page in pages]


@chunk_worker(index)
async def gathers(pages: Sequence[Page]) -> list[Indexed | BaseException]:
    async def one(page: Page) -> Indexed:
        return Indexed(name=str(page.number))

    return await asyncio.gather(*(one(page) for page in pages), return_exceptions=True)


@chunk_worker(quiet)
def says_nothing(pages: Sequence[Page], jobs: Sequence[JobContext]) -> None:
    for page, job in zip(pages, jobs, strict=True):
        job.progress(page.number)


@chunk_worker(quiet)
def says_of_some(pages: Sequence[Page]) -> list[BaseException | None]:
    return [ValueError(page.number) if page.number else None for page in pages]


@chunk_worker(index)  # error: arg-type
def gives_nothing(pages: Sequence[Page]) -> None: ...


@chunk_worker(index)  # error: arg-type
def gives_one(pages: Sequence[Page]) -> Indexed:
    return Indexed(name=str(len(pages)))


@chunk_worker(quiet)  # error: arg-type
def takes_one(page: Page) -> None: ...
