"""A result that is no JSON, or not what its model says: told without what it holds."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, PlainSerializer

from tests.unit.execution.bench import Bench, Task
from workerless import JobType, Payload, Result, Sensitive, State
from workerless.errors import EnqueueRefusedError

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


class Defaulted(Result):
    """Pydantic does not look at defaults, and would warn of this one."""

    price: Decimal = 0  # type: ignore[assignment]


class Priced(Payload):
    """The same of a payload."""

    price: Decimal = 0  # type: ignore[assignment]


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


def test_result_that_is_not_what_its_model_says_is_told_without_it(bench: Bench) -> None:
    """Warnings, which would quote it, are errors here, and lines of a log elsewhere."""
    wrong: Any = {"n": MARK}

    status = ended(bench, Counted, Counted.model_construct(**wrong))

    assert status.failed_reason == "invalid_result"
    assert "valid integer" in status.errors[0].message
    assert MARK not in repr(status.errors)


def test_default_of_another_type_that_is_read_as_its_field_is_a_result(bench: Bench) -> None:
    status = ended(bench, Defaulted, Defaulted())

    assert status.state is State.COMPLETED
    assert status.result == {"price": 0}


def test_payload_that_is_not_what_its_model_says_is_refused_without_it() -> None:
    wrong: Any = {"n": MARK}
    sent = JobType(name="sent", payload=Sent, timeout=timedelta(seconds=5))

    with pytest.raises(EnqueueRefusedError, match="sent: the payload must be JSON: ") as refused:
        sent.data(Sent.model_construct(**wrong))

    assert MARK not in str(refused.value)
    assert refused.value.__cause__ is not None
    assert MARK not in repr(refused.value.__cause__)
    assert refused.value.__cause__.__context__ is None


def test_payload_with_a_default_of_another_type_is_sent_as_it_is() -> None:
    priced = JobType(name="priced", payload=Priced, timeout=timedelta(seconds=5))

    assert priced.payload(**priced.data(Priced())) == Priced()
