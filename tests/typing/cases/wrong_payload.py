"""A producer's mistakes; each marked line must not type-check."""

from workerless import JobType, Payload, Result
from workerless.client import Client
from workerless.execution.context import JobContext
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker


class Greet(Payload):
    """A greeting."""

    name: str


class Greeted(Result):
    """What was said."""

    text: str


class Other(Payload):
    """Something else."""

    number: int


greet = JobType(name="greet", payload=Greet, result=Greeted)
quiet = JobType(name="quiet", payload=Greet)


def enqueues(client: Client) -> None:
    client.enqueue(greet, Greet(name="Ada"))
    client.enqueue(greet, Other(number=1))  # error: misc
    client.enqueue_many(greet, [Other(number=1)])  # error: misc
    Greet(name=1)  # error: arg-type
    Greet(name="Ada", nmae="Ada")  # error: call-arg


def waits(client: Client) -> str:
    status = client.enqueue(greet, Greet(name="Ada")).wait()
    assert status.result is not None
    number: int = status.result.text  # error: assignment
    return str(number)


def tests(stage: InMemoryStage) -> None:
    status = stage.run(greet, Greet(name="Ada"), tenant="acme")
    assert status.result is not None
    text: str = status.result.text
    name: str = stage.enqueued(greet)[0].payload.name
    stage.assert_enqueued(greet, payload=Greet(name=text), where=lambda one: one.name == name)
    stage.run(greet, Other(number=1))  # error: misc
    stage.run(greet, Greet(name="Ada"), tenat="acme")  # error: call-arg
    stage.assert_enqueued(greet, payload=Other(number=1))  # error: misc
    stage.assert_enqueued(greet, where=lambda one: one.number == 1)  # error: attr-defined
    stage.assert_idempotent(greet, Other(number=1), observe=list)  # error: misc


def right(payload: Greet, job: JobContext) -> Greeted:
    return Greeted(text=f"{payload.name} {job.attempt}")


async def right_async(payload: Greet) -> Greeted:
    return Greeted(text=payload.name)


def wrong_payload(payload: Other) -> Greeted:
    return Greeted(text=str(payload.number))


def wrong_result(payload: Greet) -> Other:
    return Other(number=len(payload.name))


def nothing(payload: Greet) -> None:
    assert payload.name


worker(greet)(right)
worker(greet)(right_async)
worker(quiet)(nothing)
worker(greet)(wrong_payload)  # error: arg-type
worker(greet)(wrong_result)  # error: arg-type
JobType(name="x", payload=str)  # error: type-var
