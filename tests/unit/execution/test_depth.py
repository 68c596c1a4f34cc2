"""depth: jobs that enqueue jobs end somewhere, whichever way they are enqueued."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from workerless import Fail, Fixed, JobType, Payload, Schedule, Workflow, chain, group
from workerless import step as step_of
from workerless.chunks import chunk_worker
from workerless.depth import next_depth
from workerless.errors import EnqueueRefusedError
from workerless.execution.context import JobContext
from workerless.schedule.when import Every
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker


class Step(Payload):
    """One step of something that never ends by itself."""

    n: int = 0


type Next = Callable[[InMemoryStage, Step, JobContext], object]

circle = JobType(
    name="circle", payload=Step, retry=Fixed(attempts=1), children=("circle",), batch_size=2
)
deep = JobType(
    name="circle", payload=Step, retry=Fixed(attempts=1), children=("circle",), max_depth=3
)
after = JobType(name="after", payload=Step)
bad = JobType(name="bad", payload=Step, retry=Fixed(attempts=1))


@pytest.fixture
def stage() -> Iterator[InMemoryStage]:
    @worker(bad)
    def fail(step: Step) -> None:
        raise Fail("as ever")

    with InMemoryStage(circle, after, fail) as made:
        yield made


def handled(stage: InMemoryStage, job_type: JobType[Step], then: Next) -> None:
    @worker(job_type)
    def perform(step: Step, job: JobContext) -> None:
        then(stage, step, job)

    stage.use(perform)


def depths(stage: InMemoryStage, name: str = "circle") -> list[int]:
    """Of all jobs of a type, as their records tell it."""
    bodies = [one.body for one in stage.doubles.store.records() if one.job_type == name]
    return sorted(json.loads(body).get("jobdepth", 0) for body in bodies)


def again(stage: InMemoryStage, step: Step, job: JobContext) -> object:
    return stage.client.enqueue(circle, Step(n=step.n + 1))


def test_job_that_enqueues_its_like_for_ever_is_refused_at_the_hundredth(
    stage: InMemoryStage,
) -> None:
    handled(stage, circle, again)

    stage.client.enqueue(circle, Step())
    stage.run_all()

    assert depths(stage) == list(range(101))
    (failed,) = stage.failed(circle)
    assert failed.errors[-1].error_type == "EnqueueRefusedError"
    assert failed.errors[-1].message == (
        "depth of jobs of circle must be at most 100, got 101: so many jobs have enqueued each "
        "other, one in the other's handler. If that is no loop, raise max_depth of the job type"
    )


WAYS: dict[str, Next] = {
    "enqueue": lambda stage, step, job: stage.client.enqueue(deep, Step(n=step.n + 1)),
    "enqueue_many": lambda stage, step, job: stage.client.enqueue_many(deep, [Step(n=step.n + 1)]),
    "start": lambda stage, step, job: stage.client.start(deep.with_(n=step.n + 1)),
    "nested": lambda stage, step, job: stage.client.start(
        chain(group(*(deep.with_(n=one) for one in range(2))), after.with_(n=0))
    ),
    "compensation": lambda stage, step, job: stage.client.start(
        Workflow("f", step_of("bad", bad.with_(), compensate=deep.with_()))
    ),
    "callback": lambda stage, step, job: stage.client.batch(on_completion=deep.with_()).let_go(),
    "member": lambda stage, step, job: _filled(stage, step),
    "own_batch": lambda stage, step, job: (
        job.batch.add(deep, Step(n=step.n + 1)) if step.n else _filled(stage, step)
    ),
}


def _filled(stage: InMemoryStage, step: Step) -> None:
    with stage.client.batch() as batch:
        batch.add(deep, Step(n=step.n + 1))


@pytest.mark.parametrize("way", WAYS)
def test_whichever_way_they_are_enqueued(stage: InMemoryStage, way: str) -> None:
    handled(stage, deep, WAYS[way])

    stage.client.enqueue(deep, Step())
    stage.run_all()

    assert set(depths(stage)) == {0, 1, 2, 3}
    refused = {one.errors[-1].error_type for one in stage.failed(deep)}
    assert refused == {"EnqueueRefusedError"}


def test_job_type_whose_declaration_is_not_at_hand_is_as_deep_as_most(stage: InMemoryStage) -> None:
    handled(stage, circle, lambda stage, step, job: stage.client.enqueue_json("circle", {}))

    stage.client.enqueue(circle, Step())
    stage.run_all()

    assert depths(stage) == list(range(101))


def test_coroutines_and_chunks_know_their_depth(stage: InMemoryStage) -> None:
    seen: list[int] = []

    @worker(circle)
    async def perform(step: Step) -> None:
        seen.append(next_depth())
        if step.n:
            stage.client.enqueue(circle, Step(n=step.n - 1))

    @chunk_worker(circle)
    def together(steps: Sequence[Step]) -> None:
        seen.append(next_depth())

    stage.use(perform)
    stage.client.enqueue_many(circle, [Step(n=2), Step(n=0)])
    stage.run_all()
    assert seen == [1, 1, 2, 3]

    handled(stage, circle, again)
    stage.client.enqueue(circle, Step())
    stage.drain(limit=2)
    stage.use(together)
    stage.client.enqueue(circle, Step())
    stage.drain()

    assert seen[4:] == [3]


def test_thread_of_a_handler_is_no_way_around(stage: InMemoryStage) -> None:
    seen: list[int] = []

    def elsewhere(stage: InMemoryStage, step: Step, job: JobContext) -> None:
        thread = Thread(target=lambda: seen.append(next_depth()))
        thread.start()
        thread.join()

    handled(stage, circle, elsewhere)
    stage.client.enqueue(circle, Step())
    stage.run_all()

    assert seen == [1]
    assert next_depth() == 0


@pytest.mark.parametrize(
    "body",
    [
        '{"n": 1}',
        '{"specversion": "1.0", "id": "a", "source": "x", "type": "circle", "data": {"n": 1}}',
    ],
)
def test_message_that_says_nothing_of_it_begins_anew(stage: InMemoryStage, body: str) -> None:
    seen: list[int] = []
    handled(stage, circle, lambda stage, step, job: seen.append(next_depth()))

    stage.run_message(circle, body)

    assert seen == [1]


def test_message_of_another_program_may_hand_it_on(stage: InMemoryStage) -> None:
    seen: list[int] = []
    handled(stage, circle, lambda stage, step, job: seen.append(next_depth()))
    event: dict[str, Any] = {"specversion": "1.0", "source": "x", "type": "circle", "data": {}}

    stage.run_message(circle, json.dumps(event | {"id": "a", "jobdepth": 41}))
    bad = stage.run_message(circle, json.dumps(event | {"id": "b", "jobdepth": "deep"}))

    assert seen == [42]
    assert bad.failed_reason == "invalid_envelope"
    assert "jobdepth must be an integer from 0 to 1000000, got 'deep'" in bad.errors[-1].message


def test_retries_and_long_waits_keep_it(stage: InMemoryStage) -> None:
    seen: list[int] = []
    patient = JobType(name="circle", payload=Step, retry=Fixed(attempts=3))

    def fail(stage: InMemoryStage, step: Step, job: JobContext) -> None:
        seen.append(next_depth())
        if step.n == 0:
            stage.client.enqueue(patient, Step(n=1), delay=timedelta(days=3))
        elif job.attempt < 3:
            raise ZeroDivisionError

    handled(stage, patient, fail)
    stage.client.enqueue(patient, Step())
    stage.run_all()

    assert seen == [1, 2, 2, 2]


def test_schedule_begins_anew(stage: InMemoryStage) -> None:
    seen: list[int] = []
    ticking = JobType(
        name="circle", payload=Step, schedules=(Schedule("often", Every(minutes=1), Step()),)
    )
    handled(stage, ticking, lambda stage, step, job: seen.append(next_depth()))

    stage.advance(timedelta(minutes=2))

    assert set(seen) == {1}


def test_handler_may_catch_it(stage: InMemoryStage) -> None:
    told: list[object] = []

    def careful(stage: InMemoryStage, step: Step, job: JobContext) -> None:
        try:
            stage.client.enqueue(deep, Step(n=step.n + 1))
        except EnqueueRefusedError as error:
            told.append(error.field)

    handled(stage, deep, careful)
    stage.client.enqueue(deep, Step())
    stage.run_all()

    assert told == ["depth"]
    assert depths(stage) == [0, 1, 2, 3]
