"""job.batch of a batch that is called off: its members add no more to it."""

from collections.abc import Iterator

import pytest

from workerless import Fail, Fixed, JobType, Payload, Result, chain, group
from workerless.execution.context import JobContext
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

_FOR_EVER = 60


class Rabbit(Payload):
    """One that has young."""

    family: int
    age: int = 0


class Seen(Result):
    """How old it was."""

    age: int


breed = JobType(
    name="breed", payload=Rabbit, result=Seen, retry=Fixed(attempts=1), children=("breed",)
)


@pytest.fixture
def stage() -> Iterator[InMemoryStage]:
    with InMemoryStage() as made:
        yield made


def births(stage: InMemoryStage) -> list[int]:
    """Filled with the ages of those that were born; each has one young, for ever nearly."""
    born: list[int] = []

    @worker(breed)
    def do(rabbit: Rabbit, job: JobContext) -> Seen:
        born.append(rabbit.age)
        if rabbit.family == 0:
            raise Fail("none of us")
        if (rabbit.family, rabbit.age) == (1, 3):
            stage.client.workflow(job.batch.id).cancel("enough")
        if rabbit.age < _FOR_EVER:
            job.batch.add(breed, Rabbit(family=rabbit.family, age=rabbit.age + 1))
        return Seen(age=rabbit.age)

    stage.use(do)
    return born


def test_batch_that_is_called_off_grows_no_more(stage: InMemoryStage) -> None:
    born = births(stage)

    with stage.client.batch() as batch:
        batch.add(breed, Rabbit(family=1))
    stage.run_all()

    assert (batch.status().state, born) == ("cancelled", [0, 1, 2, 3])


def test_group_of_which_one_failed_grows_no_more(stage: InMemoryStage) -> None:
    born = births(stage)

    run = stage.client.start(
        chain(group(*(breed.with_(family=2 * (one % 2)) for one in range(102))))
    )
    stage.run_all()

    assert run.status().state == "failed"
    assert max(born) < _FOR_EVER
