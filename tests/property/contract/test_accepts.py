"""problems: what it lets pass is read, whatever the writer writes. Judged by jsonschema."""

from copy import deepcopy
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError, validators

from tests.property.contract.schemas import (
    KINDS,
    LAW,
    SCALARS,
    itself,
    node,
    scalar,
    schemas,
    values,
)
from workerless.contract.accepts import problems
from workerless.contract.schema import Document


def _different(items: list[Any]) -> int:
    """As many as a set of them has: to Python true is 1."""
    return len([one for at, one in enumerate(items) if one not in items[:at]])


def _sized(validator: Any, least: int, items: Any, schema: Any) -> Any:
    if not validator.is_type(items, "array"):
        return
    if (_different(items) if schema.get("uniqueItems") else len(items)) < least:
        yield ValidationError("too few")


def _typed(validator: Any, kind: str, value: Any, schema: Any) -> Any:
    if isinstance(value, bool) and kind in {"integer", "number"}:
        yield from validator.descend(int(value), schema)
    elif not validator.is_type(value, kind) and (kind != "boolean" or value not in (0, 1)):
        yield ValidationError("of another type")


# Pydantic counts what is in the set that it makes of a list, and takes true for 1 and 1 for true.
_extend: Any = validators.extend
WRITES: Any = _extend(Draft202012Validator, {"minItems": _sized})
READS: Any = _extend(WRITES, {"uniqueItems": lambda *_: (), "type": _typed})


def lenient(schema: Any) -> Any:
    """As a worker reads: fields that it does not know are no matter."""
    if isinstance(schema, list):
        return [lenient(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = schema.get("additionalProperties") is False
    return {
        name: lenient(one)
        for name, one in schema.items()
        if not (closed and name == "additionalProperties")
    }


def written(schema: Any, value: Any) -> bool:
    return bool(WRITES(lenient(schema)).is_valid(value))


def fits(schema: Any, value: Any) -> bool:
    return bool(READS(lenient(schema)).is_valid(value))


@st.composite
def changed(draw: st.DrawFn, schema: Any) -> Any:
    """``schema`` with a keyword less, another node or a step more or less somewhere."""
    found = deepcopy(schema)
    places = _places(found)
    for place in draw(st.lists(st.sampled_from(places[1:]), max_size=2)) if places[1:] else []:
        numbers = sorted(one for one, value in place.items() if type(value) is int)
        match draw(st.sampled_from(["less", "other", *(["step"] * 2 if numbers else [])])):
            case "less" if place:
                del place[draw(st.sampled_from(sorted(place)))]
            case "step":
                place[draw(st.sampled_from(numbers))] += draw(st.sampled_from([-1, 1]))
            case "other":
                is_kind = place is found["$defs"]["Node"]
                other = draw(itself(node(1)) if is_kind else node(1))
                place.clear()
                place.update(other)
    for name in draw(st.lists(st.sampled_from("abc"), max_size=1)):
        found["properties"].pop(name, None)
    found["required"] = [name for name in found["required"] if draw(st.integers(0, 5))]
    return found


def _places(schema: Any) -> list[dict[str, Any]]:
    """Its nodes that are nodes and no maps of names."""
    if isinstance(schema, list):
        return [one for inner in schema for one in _places(inner)]
    if not isinstance(schema, dict):
        return []
    maps = ("properties", "patternProperties", "$defs")
    inner = [one for name in maps for one in schema.get(name, {}).values()]
    lists = [one for name in ("anyOf", "prefixItems") for one in schema.get(name, ())]
    single = [schema[name] for name in ("items", "additionalProperties") if name in schema]
    return [schema, *_places([*inner, *lists, *single])]


def judge(reader: Any, writer: Any, value: Any) -> None:
    assume(written(writer, value))
    assert fits(reader, value) or problems(reader, writer), (reader, value)


@LAW
@given(st.data())
def test_what_a_changed_reader_refuses_is_told(data: st.DataObject) -> None:
    writer = data.draw(schemas())
    reader = data.draw(changed(writer))

    judge(reader, writer, data.draw(values(Document(writer), writer)))


@LAW
@given(st.data())
def test_what_another_reader_refuses_is_told(data: st.DataObject) -> None:
    writer, reader = data.draw(schemas()), data.draw(schemas())

    judge(reader, writer, data.draw(values(Document(writer), writer)))


@settings(LAW, max_examples=LAW.max_examples * 3)
@given(st.data(), st.sampled_from([("integer", "number"), ("string",), KINDS]))
def test_no_scalar_that_a_reader_refuses_goes_untold(
    data: st.DataObject, kinds: tuple[str, ...]
) -> None:
    reader, writer = data.draw(scalar(kinds)), data.draw(scalar(kinds))

    lost = [one for one in SCALARS if written(writer, one) and not fits(reader, one)]

    assert problems(reader, writer) or not lost, (reader, lost)


@LAW
@given(schemas())
def test_a_schema_takes_what_it_writes_itself(schema: dict[str, Any]) -> None:
    assert problems(schema, schema) == []


@LAW
@given(schemas())
def test_a_field_more_with_a_default_is_a_problem_for_nobody(schema: dict[str, Any]) -> None:
    after = {**schema, "properties": {**schema["properties"], "new": {"type": "string"}}}

    assert problems(after, schema) == []
    assert problems(schema, after) == []
