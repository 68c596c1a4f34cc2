"""Payloads of which only some fields are known."""

from datetime import timedelta
from typing import Any, Self

import pytest
from pydantic import (
    AliasChoices,
    AliasPath,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from workerless import JobType, Payload, Result, chain, result_of
from workerless.errors import DeclarationError
from workerless.workflow.compiling import definition_of
from workerless.workflow.definition import Definition


class Aliased(Payload):
    """Whose data has other names than its fields."""

    model_config = ConfigDict(populate_by_name=True)

    order_id: str = Field(alias="orderId")
    wait: timedelta = timedelta(minutes=5)


class Chosen(Payload):
    """Whose field has several names."""

    order_id: str = Field(validation_alias=AliasChoices("orderId", "id"))
    deep: str = Field(default="", validation_alias=AliasPath("a", 0))


class Pair(Payload):
    """Whose fields must fit each other."""

    low: int
    high: int

    @field_validator("high")
    @classmethod
    def _above(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data["low"]:
            raise ValueError("high must not be below low")
        return value

    @model_validator(mode="after")
    def _not_alike(self) -> Self:
        if self.low == self.high:
            raise ValueError("low and high must differ")
        return self


class Answer(Result):
    """What it gave."""

    order_id: str = Field(serialization_alias="orderId")
    low: int


class Dated(Payload):
    """With a default that is made anew each time."""

    numbers: list[int] = Field(default_factory=lambda: [1, 2])
    twice: list[int] = Field(default_factory=lambda data: data["numbers"] * 2)


answer = JobType(name="answer", payload=Aliased, result=Answer)
chosen = JobType(name="chosen", payload=Chosen)
pair = JobType(name="pair", payload=Pair)
dated = JobType(name="dated", payload=Dated)


def payload_of(part: Any, step: str) -> Any:
    task = definition_of(part).by_name[step].part
    assert not isinstance(task, Definition)
    return task.data, {one.to for one in task.inputs}


def test_field_may_be_given_by_any_of_its_names() -> None:
    for given in ({"orderId": "o"}, {"order_id": "o"}):
        data, _ = payload_of(answer.with_(**given), "answer")
        assert data == {**given, "wait": "PT5M"}
    assert payload_of(chosen.with_(id="o"), "chosen")[0] == {"id": "o"}


def test_field_is_taken_from_the_step_before_by_the_name_that_it_gives() -> None:
    line = chain(answer.with_(orderId="o"), chosen, name="line")

    assert payload_of(line, "chosen")[1] == {("orderId",)}


def test_defaults_are_written_down_when_the_workflow_is_built() -> None:
    assert payload_of(dated, "dated")[0] == {"numbers": [1, 2]}


def test_check_of_two_fields_waits_until_both_are_known() -> None:
    line = chain(answer.with_(orderId="o"), pair.with_(high=3))

    assert payload_of(line, "pair") == ({"high": 3}, {("low",)})


def test_check_of_two_fields_that_are_known_is_made() -> None:
    with pytest.raises(DeclarationError, match=r"pair.high: does not pass the check"):
        pair.with_(low=4, high=3)
    with pytest.raises(DeclarationError, match="pair: does not pass the check"):
        pair.with_(low=3, high=3)


def test_value_beside_one_to_come_is_checked_by_itself() -> None:
    pair.with_(low=result_of("a").low, high=3)

    with pytest.raises(DeclarationError, match=r"pair\.high: input should be a valid integer"):
        pair.with_(low=result_of("a").low, high="x")


class Looking(Payload):
    """Whose own code looks at all fields at once, and first."""

    low: int
    high: int

    @model_validator(mode="before")
    @classmethod
    def _looks(cls, data: Any) -> Any:
        if data["low"] > data["high"]:
            raise ValueError("low must not be above high")
        return data


looking = JobType(name="looking", payload=Looking)


def test_check_that_cannot_be_made_yet_is_the_workers() -> None:
    line = chain(answer.with_(orderId="o"), looking.with_(high=3))

    assert payload_of(line, "looking") == ({"high": 3}, {("low",)})


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(DeclarationError, match="a payload must be JSON"):
        JobType(name="free", payload=Free).with_(value=object())


class Free(Payload):
    """Of whose value nothing is known."""

    value: Any


def test_field_at_a_path_is_given_with_the_whole_payload_only() -> None:
    whole = chosen.with_(Chosen.model_validate({"orderId": "o", "a": ["deep"]}))

    assert payload_of(whole, "chosen")[0]["deep"] == "deep"
    assert payload_of(chosen.with_(orderId="o"), "chosen")[0] == {"orderId": "o"}
    with pytest.raises(DeclarationError, match="Chosen has id, orderId, got 'deep'"):
        chosen.with_(orderId="o", deep="x")
