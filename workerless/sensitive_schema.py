"""The JSON Schemas of a model with sensitive fields, and which of those they do not tell.

A schema that a team writes itself (``WithJsonSchema``) replaces the mark with all that it says.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonRef, JsonSchemaValue
from pydantic_core import CoreSchema

type Mode = Literal["validation", "serialization"]

# Beside ``writeOnly``: which node of pydantic's own schema this is.
_MARKED = "x-marked"
# What only one of the modes knows, and what holds no nodes.
_OF_OUTPUT = {"computed_fields", "serialization"}
_NO_NODES = {"metadata", "config", "definitions"}


class _Generator(GenerateJsonSchema):
    """Says nothing of defaults that are no JSON."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 -- pydantic's

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        made = super().generate_inner(schema)
        if "custom_error_type" not in schema:
            return made
        if "$ref" in made and "writeOnly" not in made:  # a type with a name of its own
            kind = self.get_schema_from_definitions(JsonRef(made["$ref"]))
            if kind is not None:
                kind[_MARKED] = id(schema)
            return made
        return {**made, _MARKED: id(schema)}


@cache
def schema_of(model: type[BaseModel], *, mode: Mode, by_alias: bool) -> dict[str, Any]:
    """Asked once, and not to be changed. Raises ``PydanticUserError`` where there is none."""
    return model.model_json_schema(by_alias=by_alias, schema_generator=_Generator, mode=mode)


@cache
def untold(model: type[BaseModel], mark: str) -> tuple[str, ...]:
    """The fields, with dots, that are marked and not ``writeOnly`` in the schema of a mode.

    ``mark`` is the type of the error that wraps a marked value. Raises ``PydanticUserError``.
    """
    core = model.__pydantic_core_schema__
    lost: set[str] = set()
    for mode in get_args(Mode.__value__):
        told = set(_told(schema_of(model, mode=mode, by_alias=True)))
        marked = _Marked(mark, mode, _kinds(core), set()).under(core, ())
        lost |= {".".join(path) for node, path in marked if node not in told}
    return tuple(sorted(lost))


def _told(node: Any) -> Iterator[int]:
    if isinstance(node, Mapping):
        if node.get("writeOnly") and _MARKED in node:
            yield node[_MARKED]
        node = node.values()
    elif not isinstance(node, list):
        return
    for inner in node:
        yield from _told(inner)


def _kinds(core: Any) -> dict[str, Any]:
    return {one["ref"]: one for one in core.get("definitions", ())}


class _Marked:
    """A walk over pydantic's own schema; what lies within a marked value is hidden with it."""

    def __init__(self, mark: str, mode: Mode, kinds: Mapping[str, Any], seen: set[str]) -> None:
        self._mark, self._kinds, self._seen = mark, kinds, seen
        self._skips = _NO_NODES | (_OF_OUTPUT if mode == "validation" else set())
        self._is_output = mode == "serialization"

    def under(self, node: CoreSchema | Any, path: tuple[str, ...]) -> Iterator[tuple[int, Any]]:
        if not isinstance(node, Mapping):
            for one in node if isinstance(node, list | tuple) else ():
                yield from self.under(one, path)
        elif node.get("custom_error_type") == self._mark:
            yield id(node), path
        elif node.get("type") == "definition-ref":
            yield from self._referred(node["schema_ref"], path)
        elif not self._is_left_out(node):
            for inner, name in self._inner(node):
                yield from self.under(inner, (*path, *name))

    def _inner(self, node: Mapping[str, Any]) -> Iterator[tuple[Any, tuple[str, ...]]]:
        for name, inner in node.items():
            if name == "fields" and isinstance(inner, Mapping):
                yield from ((one, (field,)) for field, one in inner.items())
            elif name not in self._skips:
                yield inner, ()

    def _is_left_out(self, node: Mapping[str, Any]) -> bool:
        return self._is_output and node.get("serialization_exclude") is True

    def _referred(self, name: str, path: tuple[str, ...]) -> Iterator[tuple[int, Any]]:
        if name not in self._seen:
            self._seen.add(name)
            yield from self.under(self._kinds[name], path)
