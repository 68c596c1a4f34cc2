"""InMemoryStage and long jobs: processes that die at a checkpoint, time that runs out."""

from datetime import timedelta

import pytest

from workerless import Exponential, JobType, Payload, State
from workerless.execution.context import JobContext
from workerless.testing.outcomes import Outcomes
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker


class Count(Payload):
    """How far to count."""

    to: int


COUNT = JobType(name="count", payload=Count, cursor=int, retry=Exponential(attempts=1))


@pytest.mark.parametrize(("checkpoint", "again"), [(1, 1), (3, 3)])
def test_process_dies_once_so_many_checkpoints_are_kept(checkpoint: int, again: int) -> None:
    starts: list[int] = []

    @worker(COUNT)
    def count(payload: Count, job: JobContext[int]) -> None:
        starts.append(job.cursor or 0)
        for number in range(job.cursor or 0, payload.to):
            job.checkpoint(number + 1)

    with InMemoryStage(count) as stage:
        stage.crash_next(COUNT, checkpoint=checkpoint)
        status = stage.run(COUNT, Count(to=5))

    assert status.state is State.COMPLETED
    assert starts == [0, again]
    assert (status.cursor, status.continuations) == (5, 1)


def test_job_continues_when_its_double_takes_long() -> None:
    seen: list[int] = []
    with InMemoryStage() as stage:

        @worker(COUNT)
        def count(payload: Count, job: JobContext[int]) -> None:
            for number in job.each((one, one + 1) for one in range(job.cursor or 0, payload.to)):
                stage.clock.advance(timedelta(minutes=1))
                seen.append(number)

        stage.use(count)
        stage.client.enqueue(COUNT, Count(to=7))
        outcomes = stage.run_all()

    assert seen == list(range(7))
    assert outcomes == Outcomes(continued=1, completed=1)
