"""A strict model reads what it wrote, though JSON has no type for most of what is in it."""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Strict, ValidationError, create_model
from pydantic.dataclasses import dataclass
from pydantic_core import core_schema

from workerless.payload import Payload, canonical_json, json_data, read_data, read_payload


class Colour(Enum):
    RED = "red"


class Cat(BaseModel):
    name: str


@dataclass
class Place:
    shelf: int


class Code:
    """A type of a team's own, read from a text in JSON and from nothing else in Python."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Code) and self.text == other.text

    __hash__ = None  # type: ignore[assignment]  # values are compared only

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> core_schema.CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(cls, core_schema.str_schema()),
            python_schema=core_schema.is_instance_schema(cls),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda one: one.text),
        )


finite = st.decimals(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=5)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    date: st.dates(),
    datetime: st.datetimes(),
    time: st.times(),
    timedelta: st.timedeltas(timedelta(days=-999), timedelta(days=999)),
    UUID: st.uuids(),
    Colour: st.sampled_from(Colour),
    Decimal: finite,
    bytes: texts.map(str.encode),
    set[int]: st.sets(st.integers()),
    frozenset[date]: st.frozensets(st.dates()),
    tuple[int, UUID]: st.tuples(st.integers(), st.uuids()),
    Cat: texts.map(lambda name: Cat(name=name)),
    tuple[Place, ...]: st.tuples(st.integers().map(Place)),
    dict[str, list[date]]: st.dictionaries(texts, st.lists(st.dates())),
    int | None: st.none() | st.integers(),
}


class StrictPayload(Payload):
    model_config = ConfigDict(strict=True)


_list: Any = list
_annotated: Any = Annotated


def made(base: type[Payload], kind: Any) -> Any:
    return create_model("Made", __base__=base, a=(kind, ...))


def of_model(kind: Any, value: Any) -> Payload:
    payload: Payload = made(StrictPayload, kind)(a=value)
    return payload


def of_field(kind: Any, value: Any) -> Payload:
    payload: Payload = made(Payload, _annotated[kind, Strict()])(a=value)
    return payload


def of_inner(kind: Any, value: Any) -> Payload:
    within = made(StrictPayload, kind)
    payload: Payload = made(Payload, _list[within])(a=[within(a=value)])
    return payload


def through_json(payload: Payload) -> Payload:
    return read_payload(type(payload), json.loads(canonical_json(json_data(payload))))


@pytest.mark.parametrize("place", [of_model, of_field, of_inner])
@pytest.mark.parametrize("kind", VALUES, ids=str)
@given(data=st.data())
def test_payload_is_read_as_it_was_enqueued(
    data: st.DataObject, kind: Any, place: Callable[[Any, Any], Payload]
) -> None:
    payload = place(kind, data.draw(VALUES[kind]))

    assert through_json(payload) == payload


@given(text=texts)
def test_type_that_reads_text_only_is_read(text: str) -> None:
    payload: Payload = made(Payload, Code)(a=Code(text))

    assert through_json(payload) == payload


class Due(StrictPayload):
    day: date
    size: int


def test_only_what_does_not_fit_is_told() -> None:
    with pytest.raises(ValidationError) as caught:
        read_data(Due, {"day": "2026-11-23", "size": "7"})

    assert [one["loc"] for one in caught.value.errors()] == [("size",)]


@pytest.mark.parametrize("day", ["\ud800", date(2026, 11, 23).timetuple(), object()])
def test_what_no_text_says_is_refused_for_what_it_is(day: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        read_data(Due, {"day": day, "size": "7"})

    assert {one["loc"] for one in caught.value.errors()} == {("day",), ("size",)}


def test_unknown_field_is_as_the_reader_says() -> None:
    data = {"day": "2026-11-23", "size": 7, "more": 1}

    assert read_data(Due, data, extra="ignore") == Due(day=date(2026, 11, 23), size=7)
    with pytest.raises(ValidationError, match="more"):
        read_data(Due, data)
