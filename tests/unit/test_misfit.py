"""What is said of a payload that does not fit: the field and the rule, and no value."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import (
    AfterValidator,
    AnyUrl,
    AwareDatetime,
    BaseModel,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from workerless.misfit import misfit

CANARY = "canary-7f3a"


class Colour(StrEnum):
    RED = "red"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


def refuse(value: str) -> str:
    raise ValueError(f"{value} is not for us")


def refuse_as_pydantic_would(value: str) -> str:
    raise PydanticCustomError("value_error", f"{value} is not for us")


MODELS: list[Any] = [
    int,
    bool,
    bytes,
    date,
    datetime,
    AwareDatetime,
    Decimal,
    UUID,
    AnyUrl,
    Colour,
    Literal["red"],
    list[int],
    dict[str, int],
    Cat,
    Annotated[Cat | Dog, Field(discriminator="kind")],
    Annotated[str, AfterValidator(refuse)],
    Annotated[str, AfterValidator(refuse_as_pydantic_would)],
    Annotated[str, StringConstraints(pattern=r"^\d+$")],
    Annotated[str, StringConstraints(max_length=3)],
    Annotated[list[str], Field(max_length=0)],
]
VALUES: list[Any] = [CANARY, [CANARY], {"kind": CANARY}, {"key": CANARY}, f"2020-{CANARY}"]


def told(model: Any) -> list[str]:
    """What is said of each value that does not fit."""
    texts = []
    for value in VALUES:
        try:
            TypeAdapter(model).validate_python(value)
        except ValidationError as error:
            texts.append(str(misfit(error)))
    return texts


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_no_value_is_ever_told(model: Any) -> None:
    texts = told(model)

    assert texts
    assert CANARY not in "".join(texts)


def test_field_is_a_path_and_its_names_are_safe_to_print() -> None:
    class Inner(BaseModel, extra="forbid"):
        number: Annotated[int, Field(ge=3)]

    class Outer(BaseModel):
        inner: list[Inner]

    with pytest.raises(ValidationError) as small:
        Outer.model_validate({"inner": [{"number": 1}]})
    with pytest.raises(ValidationError) as strange:
        Outer.model_validate({"inner": [{"number": 3, "\x1b[31m" + "x" * 99: 1}]})

    assert str(misfit(small.value)) == (
        "data.inner.0.number: input should be greater than or equal to 3"
    )
    assert misfit(strange.value).field == "data.inner.0.?[31m" + "x" * 35
