"""Only what can never fit is refused."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    create_model,
    field_validator,
    model_validator,
)

from workerless import JobType, Payload, Result, chain, result_of
from workerless.errors import DeclarationError
from workerless.workflow.definition import Path
from workerless.workflow.fit import Each, Json, Named, at, fits, payload_schema, shape_of, told


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Line(Result):
    sku: str
    inner: "Line | None" = None


def one(kind: Any) -> Json:
    schema = shape_of(create_model("Given", __base__=Result, value=(kind, ...)))
    found = at(schema, ("value",))
    assert isinstance(found, Json)
    return found


def taken(kind: Any) -> Json:
    schema = payload_schema(create_model("Wanted", __base__=Payload, value=(kind, ...)))
    return Json(schema["properties"]["value"], schema.get("$defs", {}))


FITS = [
    (str, str),
    (str, int),
    (str, datetime),
    (str, UUID),
    (str, Colour),
    (str, bytes),
    (int, float),
    (int, Decimal),
    (int, datetime),
    (int, timedelta),
    (int, Level),
    (float, int),
    (bool, int),
    (date, datetime),
    (str | None, str),
    (int | str, str),
    (Any, str),
    (str, Any),
    (str, Line),
    (list[int], list[str]),
    (dict[str, int], Line),
    (Line, dict[str, Any]),
    (Literal["a", 1], int),
    (None, str | None),
]
NEVER = [
    (int, str),
    (bool, str),
    (float, Colour),
    (int, Literal["a"]),
    (str, list[str]),
    (list[str], str),
    (Line, str),
    (Line, list[Line]),
    (dict[str, int], int),
    (None, str),
    (int | None, str),
]


@pytest.mark.parametrize(("given", "wanted"), FITS)
def test_what_may_fit_is_let_through(given: Any, wanted: Any) -> None:
    assert fits(one(given), taken(wanted))


@pytest.mark.parametrize(("given", "wanted"), NEVER)
def test_what_can_never_fit_is_not(given: Any, wanted: Any) -> None:
    assert not fits(one(given), taken(wanted))


@pytest.mark.parametrize(
    ("kind", "path", "found"),
    [
        (Line, ("sku",), "string"),
        (Line, ("inner", "inner", "sku"), "string"),
        (list[Line], (0, "sku"), "string"),
        (list[Line], ("sku",), "anything"),
        (dict[str, int], ("any",), "integer"),
        (dict[str, Any], ("any", "deeper"), "anything"),
        (Line | dict[str, int], ("sku",), "anything"),
        (Any, ("x", 1), "anything"),
        (str | None, (), "null or string"),
    ],
)
def test_part_of_a_result_is_known_by_its_schema(kind: Any, path: Path, found: str) -> None:
    assert told(at(one(kind), path)) == found


@pytest.mark.parametrize(
    ("kind", "path", "why"),
    [
        (Line, ("x",), "inner, sku, and no 'x'"),
        (Line, (0,), "no 0"),
        (str, ("x",), "no fields, and no 'x'"),
        (None, ("x",), "no fields"),
    ],
)
def test_part_that_cannot_be_is_told_with_those_that_can(kind: Any, path: Path, why: str) -> None:
    with pytest.raises(LookupError, match=why):
        at(one(kind), path)


def test_results_of_a_group_are_a_list_in_its_order() -> None:
    each = Each((one(Line), one(Line)))

    assert told(at(each, (1, "sku"))) == "string"
    assert at(each, ("sku",)) == Each((at(each, (0, "sku")), at(each, (1, "sku"))))
    assert (told(each), fits(each, one(list[str])), fits(each, one(int))) == ("a list", True, False)
    with pytest.raises(LookupError, match=r"list of 2, and has no \[2\]"):
        at(each, (2,))


def test_results_of_several_last_steps_are_an_object() -> None:
    both = Named({"a": one(Line)})

    assert told(at(both, ("a", "sku"))) == "string"
    assert (told(both), fits(both, one(Line)), fits(both, one(str))) == ("an object", True, False)
    with pytest.raises(LookupError, match="it has a, and no 'b'"):
        at(both, ("b",))


class Lenient(Payload):
    """Whose own code may make a text of anything."""

    name: Annotated[str, BeforeValidator(str)]
    names: list[Annotated[str, BeforeValidator(str)]] = Field(default_factory=list)
    title: str = ""

    @field_validator("title", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value)


class Whole(Payload):
    """Whose own code sees the data first."""

    name: str

    @model_validator(mode="before")
    @classmethod
    def _as_text(cls, data: Any) -> Any:
        return {"name": str(data["name"])}


class Numbers(Payload):
    """Whose texts may be numbers."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    name: str


class Strict(Payload):
    """Whose code looks at what it is later."""

    name: str

    @field_validator("name")
    @classmethod
    def _short(cls, value: str) -> str:
        return value[:10]


class Counted(Result):
    count: int


count = JobType(name="count", payload=Strict, result=Counted)


@pytest.mark.parametrize("model", [Lenient, Whole, Numbers])
def test_payload_that_may_convert_is_left_to_the_worker(model: type[Payload]) -> None:
    convert = JobType(name="convert", payload=model)

    chain(count.with_(name="x"), convert.with_(name=result_of().count))


def test_payload_that_only_checks_is_not() -> None:
    with pytest.raises(DeclarationError, match="name takes string"):
        chain(count.with_(name="x"), count.with_(name=result_of().count))


class Opaque(Result):
    """Which no schema can tell of."""

    call: Callable[[], int]


def test_result_without_a_schema_is_left_to_the_worker() -> None:
    assert told(at(shape_of(Opaque), ("anything",))) == "anything"
