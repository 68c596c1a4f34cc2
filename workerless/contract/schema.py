"""A JSON Schema as pydantic makes it, taken apart: each node as the alternatives that it is. Pure.

https://json-schema.org/draft/2020-12/json-schema-validation
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

type Flat = Mapping[str, Any]
"""A node that is an object: in its own words ``{"type": "string"}``, say."""

type Node = Flat | bool
"""``true`` is any value, ``false`` none."""

# Those of ``details``, which only contracts have.
OURS = frozenset(
    (
        *("x-strict", "x-strips", "x-schemes", "x-zone", "x-now"),
        *("x-min", "x-above", "x-max", "x-below"),
        *("x-max-digits", "x-max-places", "x-max-whole"),
    )
)
# What says which values there are; all else, a team's own words among it, only tells of them.
ASSERTIONS = frozenset(
    (
        *("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"),
        *("prefixItems", "items", "contains", "unevaluatedItems", "uniqueItems"),
        *("properties", "patternProperties", "additionalProperties", "propertyNames"),
        *("dependentSchemas", "dependentRequired", "unevaluatedProperties", "required"),
        *("type", "enum", "const", "format", "pattern", "multipleOf"),
        *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"),
        *("minLength", "maxLength", "minItems", "maxItems", "minContains", "maxContains"),
        *("minProperties", "maxProperties"),
        *("contentEncoding", "contentMediaType", "contentSchema"),
        *OURS,
    )
)
# Whose values are nodes, by names of the team's own; and whose are no nodes.
_BY_NAME = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs"))
_VALUES = frozenset(("const", "enum", "required", "dependentRequired", "discriminator"))
# Each looks at its neighbours: of two nodes, these cannot be laid over each other.
_INNER = frozenset(("properties", "patternProperties", "additionalProperties"))
_INNER |= {"items", "prefixItems"}
# Of two of these the narrower holds.
_NARROWER: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), max),
        **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), min),
    }
)


@dataclass(frozen=True, slots=True)
class Document:
    """A schema, whose nodes may refer to its ``$defs``."""

    root: Flat

    def alternatives(self, node: Node) -> list[Flat]:
        """Flat nodes: a value fits ``node`` if it fits one of them.

        A flat node has no ``$ref``, no union, no ``enum`` and at most one ``type``. What is one of
        a few values is a node a value, with ``const`` and the bounds of that value.
        """
        if isinstance(node, bool):
            return [{}] if node else []
        said = {name: value for name, value in node.items() if name in ASSERTIONS}
        if "$ref" in said:
            return self._both(self.alternatives(self._target(said.pop("$ref"))), said)
        for union in ("anyOf", "oneOf"):
            if union in said:
                return self._both(self._union(said.pop(union), _tag(node)), said)
        if "allOf" in said:
            return self._all(said.pop("allOf"), said)
        if isinstance(said.get("type"), list):
            kinds = said.pop("type")
            return [flat for kind in kinds for flat in _points({**said, "type": kind})]
        return _points(said)

    def fields(self) -> set[str]:
        """The paths of all fields, each union's and each item's among them."""
        return set(self._fields(self.root, "payload", ()))

    def _fields(self, node: Node, path: str, above: Sequence[object]) -> Iterator[str]:
        for flat in self.alternatives(node):
            if flat in above:  # a model within itself
                continue
            inner = (*above, flat)
            for name, one in flat.get("properties", {}).items():
                yield f"{path}.{name}"
                yield from self._fields(one, f"{path}.{name}", inner)
            for one in _nameless(flat):
                yield from self._fields(one, f"{path}[]", inner)

    def _target(self, ref: str) -> Flat:
        node: Any = self.root
        for part in ref.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node  # type: ignore[no-any-return]  # a node of the document

    def _union(self, branches: Sequence[Flat], tag: str | None) -> list[Flat]:
        flats = [flat for branch in branches for flat in self.alternatives(branch)]
        if tag is None:
            return flats
        # By its tag pydantic finds the branch: a default does not help it.
        return [{**one, "required": sorted({*one.get("required", ()), tag})} for one in flats]

    def _all(self, parts: Sequence[Flat], said: Flat) -> list[Flat]:
        flats: list[Flat] = self.alternatives(said)
        for part in parts:
            flats = self._both(flats, part)
        return flats

    def _both(self, flats: list[Flat], said: Flat) -> list[Flat]:
        """Those values of ``flats`` that fit ``said``, too."""
        if not said:
            return flats
        pairs = [_overlaid(one, other) for one in flats for other in self.alternatives(said)]
        return [one for one in pairs if one is not None]


def essence(node: Any) -> Any:
    """``node`` without what only describes: a new docstring or default is no other schema."""
    if isinstance(node, list):
        return [essence(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _inner(name, value)
        for name, value in node.items()
        if name in ASSERTIONS | _BY_NAME | _VALUES
    }


def _inner(name: str, value: Any) -> Any:
    if name in _VALUES:
        return value
    if name in _BY_NAME:
        return {one: essence(node) for one, node in value.items()}
    return essence(value)


def json_type(value: Any) -> str:
    """As JSON Schema calls it; 1.0 is an integer there."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return _TYPES[type(value)]


_TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def others(flat: Flat) -> Node:
    """What may stand in an object under names that it does not tell; ``False``: nothing does.

    A model writes its own fields only, whether or not its schema says so.
    """
    tells = "properties" in flat or "patternProperties" in flat
    return flat.get("additionalProperties", not tells)  # type: ignore[no-any-return]  # a node


def _nameless(flat: Flat) -> Iterator[Node]:
    """The nodes of items, and of fields under any name."""
    yield from flat.get("prefixItems", ())
    yield from flat.get("patternProperties", {}).values()
    yield flat.get("items", False)
    yield flat.get("additionalProperties", False)


def _tag(node: Flat) -> str | None:
    tag: str | None = node.get("discriminator", {}).get("propertyName")
    return tag


def _points(said: Flat) -> list[Flat]:
    """``said`` itself, or each of the values that it allows."""
    if "enum" in said:
        rest = {name: value for name, value in said.items() if name != "enum"}
        return [flat for value in said["enum"] for flat in _points({**rest, "const": value})]
    if "const" not in said:
        return [said]
    value = said["const"]
    kind = json_type(value)
    bounds: dict[str, Any] = {}
    if kind in {"integer", "number"}:
        bounds = {"minimum": value, "maximum": value}
    elif kind == "string":
        bounds = {"minLength": len(value), "maxLength": len(value)}
    fits = said.get("type", kind) in {kind, "number" if kind == "integer" else kind}
    return [{**bounds, **said, "type": kind}] if fits else []


def _overlaid(one: Flat, other: Flat) -> Flat | None:
    """What fits both; None where nothing does."""
    kinds = {node["type"] for node in (one, other) if "type" in node}
    if kinds == {"integer", "number"}:
        kinds = {"integer"}
    if len(kinds) > 1:
        return None
    kind = {"type": kinds.pop()} if kinds else {}
    shared = (one.keys() & other.keys()) - {"type"}
    bounds = {name: _NARROWER[name](one[name], other[name]) for name in shared & _NARROWER.keys()}
    both_look_inside = not (_INNER.isdisjoint(one) or _INNER.isdisjoint(other))
    if both_look_inside or any(one[name] != other[name] for name in shared - bounds.keys()):
        return {**kind, "allOf": [one, other]}
    return {**one, **other, **bounds, **kind}
