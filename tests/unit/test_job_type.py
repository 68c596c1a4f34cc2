"""job_type: its promised defaults, what follows from it, and its payload as data."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from workerless.backoff import Exponential, Fixed, Jitter
from workerless.errors import EnqueueRefusedError
from workerless.job_type import JobType
from workerless.limits import MAX_RECEIVE_COUNT
from workerless.payload import Payload, Result, read_payload


class Greet(Payload):
    """Greet somebody.

    Sent by the front desk.
    """

    name: str
    tags: tuple[str, ...] = ()


class Other(Payload):
    """Something else."""


class Anything(Payload):
    """Holds what its model cannot check."""

    value: Any = None
    share: float = 0


class Spelled(Payload):
    """Has a field that is spelled differently on the wire."""

    first_name: str = Field(alias="firstName")


class Greeted(Result):
    text: str


greet = JobType(name="greet", payload=Greet)
anything = JobType(name="anything", payload=Anything)


def test_defaults_are_those_promised() -> None:
    assert greet.retry == Exponential(
        attempts=3,
        first=timedelta(seconds=2),
        factor=2,
        cap=timedelta(minutes=15),
        jitter=Jitter.FULL,
    )
    assert greet.timeout == timedelta(minutes=5)
    assert (greet.concurrency, greet.batch_size, greet.version) == (5, 1, 1)
    assert greet.completed_retention == timedelta(hours=24)
    assert greet.failed_retention == timedelta(days=7)
    assert greet.dead_letter


def test_description_is_the_first_line_of_the_payload_s_docstring() -> None:
    assert greet.description == "Greet somebody."


def test_retries_gather_all_that_decides_about_an_attempt() -> None:
    fixed = Fixed()
    job_type = JobType(
        name="greet",
        payload=Greet,
        retry=fixed,
        by_error={OSError: fixed},
        give_up_on=(KeyError,),
        retry_within=timedelta(hours=1),
    )

    retries = job_type.retries

    assert retries.policy is fixed
    assert retries.by_error == {OSError: fixed}
    assert (retries.give_up_on, retries.within) == ((KeyError,), timedelta(hours=1))


@pytest.mark.parametrize(
    ("seconds", "batch_size", "expected"), [(300, 1, 310), (30, 1, 40), (30, 2, 70), (30, 10, 70)]
)
def test_function_has_time_to_start_a_second_job_of_its_batch(
    seconds: int, batch_size: int, expected: int
) -> None:
    job_type = JobType(
        name="greet", payload=Greet, timeout=timedelta(seconds=seconds), batch_size=batch_size
    )

    assert job_type.function_timeout == timedelta(seconds=expected)


@given(st.integers(1, 100))
def test_fuse_lies_well_above_the_attempts_and_within_sqs(attempts: int) -> None:
    job_type = JobType(name="greet", payload=Greet, retry=Exponential(attempts=attempts))

    assert attempts + 10 < job_type.max_receive_count <= MAX_RECEIVE_COUNT


def test_data_is_plain_json_that_the_worker_reads_back() -> None:
    payload = Greet(name="Ada", tags=("vip", "press"))

    data = greet.data(payload)

    assert data == {"name": "Ada", "tags": ["vip", "press"]}
    assert read_payload(Greet, data) == payload


def test_field_with_an_alias_travels_under_the_name_its_schema_gives() -> None:
    spelled = JobType(name="spelled", payload=Spelled)
    payload = Spelled(firstName="Ada")

    data = spelled.data(payload)

    assert set(data) == set(spelled.json_schema()["properties"]) == {"firstName"}
    assert read_payload(Spelled, data) == payload


def test_payload_of_another_job_type_is_refused_naming_both() -> None:
    with pytest.raises(EnqueueRefusedError, match="greet takes a Greet, got Other"):
        greet.data(Other())  # type: ignore[arg-type]  # mypy refuses it too


def nested(depth: int) -> object:
    value: list[object] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [object(), b"\xff", {"\ud800": 1}, nested(3000)], ids=type)
def test_payload_that_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(EnqueueRefusedError, match="anything: the payload must be JSON: "):
        anything.data(Anything(value=value))


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_infinity_is_never_silently_sent_as_something_else(value: float) -> None:
    data = anything.data(Anything(value=value, share=value))

    assert str(data["value"]) == str(data["share"]) == str(value)


def test_schema_is_named_after_job_type_and_version() -> None:
    schema = JobType(name="user.greet", payload=Greet, version=3).json_schema()

    assert schema["$id"] == "urn:workerless:user.greet:3"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["required"] == ["name"]
    assert schema["additionalProperties"] is False


def test_result_model_is_part_of_the_declaration() -> None:
    assert JobType(name="greet", payload=Greet, result=Greeted).result is Greeted
