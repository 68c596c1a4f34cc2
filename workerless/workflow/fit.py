"""Whether what one job gives can be what another takes: by the JSON Schemas of the two. Pure.

Only what can never fit is refused. Where a schema does not tell, or code of the payload's own may
make it fit, the worker will see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema

from workerless.workflow.definition import Path


@dataclass(frozen=True, slots=True)
class Json:
    """Data of this JSON Schema; ``{}`` is any. ``kinds`` are the definitions it refers to."""

    schema: Mapping[str, Any]
    kinds: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Each:
    """A list of these, in this order: what a group gives."""

    shapes: tuple["Shape", ...]


@dataclass(frozen=True, slots=True)
class Named:
    """An object of these: what a workflow gives that has several last steps."""

    shapes: Mapping[str, "Shape"]


type Shape = Json | Each | Named

ANYTHING = Json({}, {})
NOTHING = Json({"type": "null"}, {})

_NUMBERS = {"integer", "number", "boolean"}
# What lax validation may make of each: "7" of a text, 7.0 of 7. An object's class may make itself
# of anything.
_FITS = {
    "string": {"string", *_NUMBERS, "object"},
    "integer": {*_NUMBERS, "object"},
    "number": {*_NUMBERS, "object"},
    "boolean": {*_NUMBERS, "object"},
    "null": {"null"},
    "array": {"array", "object"},
    "object": {"object"},
}
_JSON_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def told(shape: Shape) -> str:
    """What it is, for people."""
    match shape:
        case Each():
            return "a list"
        case Named():
            return "an object"
    kinds = {kind for one in _either(shape) for kind in _kinds(one)}
    return " or ".join(sorted(kinds)) or "anything"


def payload_schema(model: type[BaseModel]) -> Mapping[str, Any]:
    """What data it takes; empty where that cannot be said."""
    return _schema(model, "validation")


def shape_of(model: type[BaseModel] | None) -> Shape:
    """What a job of this result gives; nothing, without one."""
    if model is None:
        return NOTHING
    schema = _schema(model, "serialization")
    return Json(schema, schema.get("$defs", {}))


@lru_cache(maxsize=256)  # a group may have thousands of one job type
def _schema(model: type[BaseModel], mode: Literal["validation", "serialization"]) -> dict[str, Any]:
    try:
        return model.model_json_schema(mode=mode)
    except PydanticInvalidForJsonSchema:
        return {}


def fields_of(shape: Shape) -> frozenset[str]:
    """The names that it is known to have, where it is an object."""
    match shape:
        case Named(shapes):
            return frozenset(shapes)
        case Each():
            return frozenset()
    either = _either(shape)
    return frozenset(either[0].schema.get("properties", ())) if len(either) == 1 else frozenset()


def at(shape: Shape, path: Path) -> Shape:
    """What lies at ``path`` in it. Raises ``LookupError`` saying why nothing can."""
    for key in path:
        shape = _part(shape, key)
    return shape


def _part(shape: Shape, key: str | int) -> Shape:
    match shape:
        case Json():
            return _part_of_json(shape, key)
        case Named(shapes):
            if key not in shapes:
                raise LookupError(f"it has {_listed(shapes)}, and no {key!r}")
            return shapes[str(key)]
        case Each(each):
            return _part_of_list(each, key)


def _part_of_list(each: tuple[Shape, ...], key: str | int) -> Shape:
    if isinstance(key, str):
        return Each(tuple(_part(one, key) for one in each))
    if not -len(each) <= key < len(each):
        raise LookupError(f"it is a list of {len(each)}, and has no [{key}]")
    return each[key]


def _part_of_json(shape: Json, key: str | int) -> Shape:
    either = [one for one in _either(shape) if _kinds(one) != {"null"}]
    found = [part for one in either for part in _inside(one, key)]
    if not found:
        known = sorted({name for one in either for name in one.schema.get("properties", ())})
        raise LookupError(f"it has {_listed(known)}, and no {key!r}")
    return found[0] if len(found) == 1 else ANYTHING


def _inside(shape: Json, key: str | int) -> list[Shape]:
    """What may lie under ``key``: nothing, or one shape."""
    schema, kinds = shape.schema, _kinds(shape)
    if not kinds:
        return [ANYTHING]
    if "object" in kinds and isinstance(key, str):
        inner = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
        return [] if inner is False else [_json(inner, shape)]
    if "array" in kinds:  # a name on a list is that of each of its elements
        return [_json(schema.get("items", {}), shape) if isinstance(key, int) else ANYTHING]
    return []


def _json(schema: Any, around: Json) -> Json:
    return Json(schema if isinstance(schema, Mapping) else {}, around.kinds)


def _either(shape: Json) -> list[Json]:
    """The shapes that data may have; the definitions looked up."""
    schema = shape.schema
    if "$ref" in schema:
        return _either(_json(shape.kinds.get(schema["$ref"].rpartition("/")[2], {}), shape))
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return [two for one in schema[word] for two in _either(_json(one, shape))]
    if "allOf" in schema:
        return [ANYTHING]
    return [shape]


def _kinds(shape: Json) -> set[str]:
    """The types that its data may have, in JSON's words; none where it does not tell."""
    schema = shape.schema
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return {_JSON_KINDS.get(type(value), "object") for value in values}
    told = schema.get("type", ())
    return {told} if isinstance(told, str) else set(told)


def fits(given: Shape, wanted: Json) -> bool:
    """Whether data of ``given`` may be data of ``wanted``."""
    match given:
        case Each():
            return any(_may_be("array", one) for one in _either(wanted))
        case Named():
            return any(_may_be("object", one) for one in _either(wanted))
    kinds = [_kinds(one) for one in _either(given)]
    if not all(kinds):
        return True
    return any(_may_be(kind, one) for kind in set().union(*kinds) for one in _either(wanted))


def takes_none(wanted: Json) -> bool:
    """Whether null may be data of ``wanted``."""
    return fits(NOTHING, wanted)


def _may_be(kind: str, wanted: Json) -> bool:
    kinds = _kinds(wanted)
    if not kinds or kinds & _FITS[kind]:
        return True
    # A number may be an instant, or a span of time: texts of a format, in JSON.
    return kind in _NUMBERS and "string" in kinds and "format" in wanted.schema


def _listed(names: Any) -> str:
    return ", ".join(names) or "no fields"
