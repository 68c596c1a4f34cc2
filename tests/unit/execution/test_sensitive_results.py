"""A result that is no JSON, or not what its model says: told without what it holds."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, PlainSerializer

from tests.unit.execution.bench import Bench, Task
from workerless import JobType, Payload, Result, Sensitive, State

MARK = "canary-91fe"


def loud(value: str) -> str:
    raise ValueError(f"cannot write {value}")


class Inner(BaseModel):
    """Deep within."""

    token: Sensitive[Annotated[str, PlainSerializer(loud, return_type=str)]]


class Session(Result):
    """Its serializer quotes what it cannot write."""

    inner: list[Inner]


class Anything(Result):
    """Takes what no JSON can say."""

    token: Sensitive[Any]


class Counted(Result):
    """A number, which nobody checks who goes past the model."""

    n: int


class Sent(Payload):
    """The same of a payload."""

    n: int


def ended(bench: Bench, result: type[Result], value: Result) -> Any:
    bench.job_type = replace(bench.job_type, result=result)
    bench.handle(lambda _payload: value)
    job = bench.client.enqueue(bench.job_type, Task())
    bench.drain()
    return bench.client.job(job.id).status()


@pytest.mark.parametrize(
    "value",
    [Session(inner=[Inner(token=f"{MARK}-1")]), Anything(token={object(): MARK})],
)
def test_result_that_cannot_be_written_is_told_without_its_values(
    bench: Bench, value: Result
) -> None:
    status = ended(bench, type(value), value)

    assert status.failed_reason == "invalid_result"
    assert status.errors[0].error_type == "PydanticSerializationError"
    assert MARK not in repr(status.errors)


def test_result_that_is_not_what_its_model_says_is_no_warning_that_quotes_it(bench: Bench) -> None:
    """Warnings are errors here, and lines of a log elsewhere."""
    wrong: Any = {"n": MARK}

    status = ended(bench, Counted, Counted.model_construct(**wrong))

    assert status.state is State.COMPLETED


def test_payload_that_is_not_what_its_model_says_is_no_warning_either() -> None:
    wrong: Any = {"n": MARK}
    sent = JobType(name="sent", payload=Sent, timeout=timedelta(seconds=5))

    assert sent.data(Sent.model_construct(**wrong)) == wrong
