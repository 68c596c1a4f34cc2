"""Values that people are not shown: ``token: Sensitive[str]`` in a payload or a result.

Stored and handed to handlers they are as any other. In the JSON Schema they are ``writeOnly``,
which is how whatever shows a payload knows them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler, PydanticUserError
from pydantic_core import CoreSchema, core_schema

REDACTED = "[redacted]"
PROBLEM = "sensitive"
# A step of a path: any item or value, and any number of steps.
_ANY, _DEEP = "*", "**"

type Paths = tuple[str, ...]
"""Where sensitive values lie, like ``card/number`` or ``items/*/token``; ``**`` is any depth.

The empty path is all of it.
"""


class _Marker:
    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.custom_error_schema(
            core_schema.no_info_before_validator_function(_not_redacted, handler(source)),
            custom_error_type=PROBLEM,
            custom_error_message="is sensitive and does not fit its field",
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "writeOnly": True}


T = TypeVar("T")
Sensitive = Annotated[T, _Marker()]


def paths(schema: Mapping[str, Any]) -> Paths:
    """Where ``schema``, a model's JSON Schema, has values that are ``writeOnly``."""
    found = _walk(schema, schema.get("$defs", {}), frozenset())
    return tuple(sorted({"/".join(map(_escaped, path)) for path in found}))


def paths_of(model: type[BaseModel]) -> Paths:
    """The same of a model, asked once."""
    return _paths_of(model, by_alias=True)


def redacted(data: Any, hidden: Paths) -> Any:
    """``data``, JSON, with what lies at ``hidden`` redacted; None stays None."""
    return _redacted(data, _split(hidden))


def shown(
    model: BaseModel, told: Iterable[tuple[str | None, Any]]
) -> Iterator[tuple[str | None, Any]]:
    """The arguments of the model's ``repr``, with nothing sensitive in them."""
    hidden = paths_of(type(model))
    if not hidden:
        yield from told
        return
    try:
        data = redacted(
            model.model_dump(mode="json", warnings=False), _paths_of(type(model), by_alias=False)
        )
    except Exception:  # noqa: BLE001 -- one that was never validated may hold anything
        data = {}
    for name, _ in told:
        yield name, data.get(name, REDACTED)


def restored(data: Any, before: Any, hidden: Paths) -> Any:
    """``data`` with what it has as redacted taken from ``before``, where that has it."""
    return _restored(data, before, _split(hidden))


def texts(data: Any, hidden: Paths) -> set[str]:
    """What lies at ``hidden`` as texts; ``data`` may hold values of Python's, too."""
    return set(_texts(data, _split(hidden)))


@cache
def _paths_of(model: type[BaseModel], *, by_alias: bool) -> Paths:
    """Of a model that has no schema, or one that is silent of a mark, each of its fields."""
    from workerless.sensitive_schema import schema_of, untold  # noqa: PLC0415 -- only who fails pays

    def found(mode: Literal["validation", "serialization"], *, by_alias: bool) -> Paths:
        return paths(schema_of(model, mode=mode, by_alias=by_alias))

    try:
        # As it is written, with what is computed; and as others may write it.
        told = {*found("serialization", by_alias=by_alias), *found("validation", by_alias=by_alias)}
        if by_alias and told:
            told |= {*found("validation", by_alias=False)}
            told |= {_ANY} if _has_choices(model.__pydantic_core_schema__) else set()
        told |= {_ANY} if untold(model, PROBLEM) else set()
    except PydanticUserError:
        return (_ANY,)
    return tuple(sorted(told))


def _has_choices(node: Any) -> bool:
    """Whether a field may lie in other places than the one its JSON Schema tells."""
    if isinstance(node, Mapping):
        return isinstance(node.get("validation_alias"), list) or any(
            map(_has_choices, node.values())
        )
    return isinstance(node, list | tuple) and any(map(_has_choices, node))


def _not_redacted(value: Any) -> Any:
    if isinstance(value, str) and value == REDACTED:
        raise ValueError("what stands for a value is none")
    return value


type _Path = tuple[str, ...]


def _walk(node: Any, kinds: Mapping[str, Any], above: frozenset[str]) -> Iterator[_Path]:
    if not isinstance(node, Mapping):
        return
    if node.get("writeOnly"):
        yield ()
        return
    if _marks_within(node, kinds, above):
        yield ()  # no path leads there
    name = str(node.get("$ref", "")).rpartition("/")[2]
    if name and name not in above:
        deep = (_DEEP,) if _leads_to(name, name, kinds, set()) else ()
        yield from ((*deep, *path) for path in _walk(kinds[name], kinds, above | {name}))
    for kind in ("anyOf", "oneOf", "allOf"):
        for one in node.get(kind, ()):
            yield from _walk(one, kinds, above)
    for step, inner in _inner(node):
        yield from ((step, *path) for path in _walk(inner, kinds, above))


def _marks_within(node: Mapping[str, Any], kinds: Mapping[str, Any], above: frozenset[str]) -> bool:
    """Whether the names of its fields are sensitive, or what lies in its text."""
    return any(
        True
        for kind in ("propertyNames", "contentSchema")
        for _ in _walk(node.get(kind), kinds, above)
    )


def _inner(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from node.get("properties", {}).items()
    for many in ("items", "additionalProperties"):
        yield _ANY, node.get(many)
    yield from ((_ANY, one) for one in node.get("prefixItems", ()))
    yield from ((_ANY, one) for one in node.get("patternProperties", {}).values())


def _leads_to(name: str, wanted: str, kinds: Mapping[str, Any], seen: set[str]) -> bool:
    """Whether a value of kind ``name`` may hold one of kind ``wanted``."""
    for one in _refs(kinds[name]):
        if one == wanted:
            return True
        if one not in seen:
            seen.add(one)
            if _leads_to(one, wanted, kinds, seen):
                return True
    return False


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        node = node.values()
    elif not isinstance(node, list):
        return
    for inner in node:
        yield from _refs(inner)


def _redacted(data: Any, hidden: Collection[_Path]) -> Any:
    if not hidden or data is None:
        return data
    if () in hidden:
        return REDACTED
    if isinstance(data, Mapping):
        return {name: _redacted(one, _after(hidden, name)) for name, one in data.items()}
    if isinstance(data, list | tuple):
        return [_redacted(one, _of_items(hidden)) for one in data]
    return REDACTED if _is_in_place_of_more(hidden) else data


def _restored(data: Any, before: Any, hidden: Collection[_Path]) -> Any:
    if not hidden:
        return data
    if data == REDACTED and (() in hidden or _is_in_place_of_more(hidden)):
        return before if before is not None else data
    if isinstance(data, Mapping) and isinstance(before, Mapping):
        return {
            name: _restored(one, before.get(name), _after(hidden, name))
            for name, one in data.items()
        }
    if isinstance(data, list) and isinstance(before, list) and len(data) == len(before):
        below = _of_items(hidden)
        told = [_redacted(was, below) for was in before]
        return [  # of one that is now in another's place, nothing is
            one if one != here and one in told else _restored(one, was, below)
            for one, was, here in zip(data, before, told, strict=True)
        ]
    return data


def _texts(data: Any, hidden: Collection[_Path]) -> Iterator[str]:
    if not hidden:
        return
    is_hidden = () in hidden
    if isinstance(data, Mapping):
        for name, one in data.items():
            if is_hidden:
                yield name
            yield from _texts(one, [()] if is_hidden else _after(hidden, name))
    elif isinstance(data, list | tuple):
        for one in data:
            yield from _texts(one, [()] if is_hidden else _of_items(hidden))
    elif (
        (is_hidden or _is_in_place_of_more(hidden))
        and data is not None
        and not isinstance(data, bool)
        and data != ""
    ):
        yield from _spelled(data)


def _spelled(value: Any) -> tuple[str, ...]:
    """As Python says it; a value that is no JSON may fail to."""
    if isinstance(value, str):
        return (value,)
    try:
        return str(value), repr(value)
    except Exception:  # noqa: BLE001 -- a class of a team's own
        return ()


def _of_items(hidden: Iterable[_Path]) -> set[_Path]:
    """What is left of the paths within a list, also where an object should be in its place."""
    return _after(hidden, _ANY) | {path for path in hidden if path and path[0] not in (_ANY, _DEEP)}


def _is_in_place_of_more(hidden: Iterable[_Path]) -> bool:
    """Whether a value with nothing in it has the place of one in which some is sensitive."""
    return any(path and path[0] != _DEEP for path in hidden)


def _after(hidden: Iterable[_Path], step: str) -> set[_Path]:
    """What is left of the paths that lead over ``step``."""
    left: set[_Path] = set()
    for path in hidden:
        if path and path[0] == _DEEP:
            left |= {path} | _after([path[1:]], step)
        elif path and path[0] in (step, _ANY):
            left.add(path[1:])
    return left


def _split(hidden: Paths) -> set[_Path]:
    return {tuple(map(_unescaped, one.split("/"))) if one else () for one in hidden}


def _escaped(step: str) -> str:
    """As a JSON Pointer has it."""
    return step.replace("~", "~0").replace("/", "~1")


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
