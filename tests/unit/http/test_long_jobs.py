"""A long job over HTTP: where it goes on, and how often it did."""

from workerless import Continue, Fail, JobType, Payload
from workerless.execution.context import JobContext
from workerless.http.view import job_shape
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker


class Walk(Payload):
    """Goes on and on."""

    to: int


walk = JobType(name="walk", payload=Walk, cursor=int)


def test_job_tells_where_it_goes_on_and_how_often_it_did() -> None:
    @worker(walk)
    def perform(order: Walk, job: JobContext[int]) -> None:
        at = job.cursor or 0
        if at < order.to:
            raise Continue(at + 1)
        raise Fail("there")

    with InMemoryStage(perform) as stage:
        before = job_shape(stage.client.enqueue(walk, Walk(to=3)).status())
        after = job_shape(stage.run(walk, Walk(to=3)))

    assert (before.cursor, before.continuations) == (None, 0)
    assert (after.cursor, after.continuations) == (3, 3)
