"""``python -m demo.workflow_picture > docs/workflow.svg``: a run in memory, drawn half-way.

A test keeps that file what this makes.
"""

import sys
from datetime import timedelta

from workerless import Fail, Fixed, JobType, OnFailure, Payload, Workflow, chain, group, step
from workerless.operations.workflow_tree import read_tree
from workerless.picture.svg import svg
from workerless.testing.stage import InMemoryStage
from workerless.worker import Worker, worker

_IMAGES, _SMALL = 1_200, 834
_LATER = timedelta(minutes=30)


class Work(Payload):
    """Something to do. What is ``broken`` cannot be done."""

    number: int = 0
    broken: bool = False


def _job_type(name: str) -> JobType[Work, None]:
    return JobType(name=name, payload=Work, retry=Fixed(attempts=1), batch_size=10)


_fetch, _check, _store = _job_type("fetch"), _job_type("check"), _job_type("store")
_resize, _price, _notify = _job_type("resize"), _job_type("price"), _job_type("notify")
_publish = _job_type("publish")
_ALL = (_fetch, _check, _store, _resize, _price, _notify, _publish)


def todays_import() -> Workflow:
    """Articles and images of which some take half an hour, and prices that are broken today."""
    images = [_resize.with_(number=number) for number in range(_SMALL)]
    large = [
        _resize.with_(number=number).options(delay=_LATER) for number in range(_SMALL, _IMAGES)
    ]
    articles = chain(_check.with_(), _store.with_().options(delay=_LATER))
    prices = _price.with_(broken=True)
    return Workflow(
        "todays_import",
        step("fetch", _fetch.with_()),
        step("articles", articles, after="fetch"),
        step("images", group(*images, *large), after="fetch"),
        step("prices", prices, after="fetch", on_failure=OnFailure.CONTINUE),
        step("notify", _notify.with_(), after="prices"),
        step("publish", _publish.with_(), after=("articles", "images")),
    )


def picture() -> str:
    """How it stands once all has been done that can be at once."""
    with InMemoryStage(*map(_worker, _ALL)) as stage:
        run = stage.client.start(todays_import(), workflow_id="import-2026-11-22")
        stage.drain()
        world = stage.doubles.orchestra()
        container = world.read(run.id)
        assert container is not None  # noqa: S101 -- it was started just now
        return svg(read_tree(container, world))


def _worker(job_type: JobType[Work, None]) -> Worker:
    @worker(job_type)
    def do(work: Work) -> None:
        if work.broken:
            raise Fail("no prices today")

    return do


if __name__ == "__main__":
    sys.stdout.write(picture())
