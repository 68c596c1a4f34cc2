"""What a writer's payloads may be that a reader does not take, told by their JSON Schemas. Pure.

Both ways of a release are the same question: messages that wait are read by the new code, and those
of the new code by workers that still run the old. Where the answer is not sure it is a problem.
Code in validators is in no schema, so what it refuses is not seen here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workerless.contract import detail_rules, scalars
from workerless.contract.scalars import bounds, finds, unjudged
from workerless.contract.schema import Document, Flat, Node, others
from workerless.payload import canonical_json

_MOST_SHOWN = 5
_RULES = {**scalars.RULES, **detail_rules.RULES}
# Those that hold nodes, and what meeting means already.
_STRUCTURE = frozenset(("type", "const", "required", "properties", "patternProperties"))
_STRUCTURE |= {"additionalProperties", "propertyNames", "items", "prefixItems"}


@dataclass(frozen=True, slots=True)
class Problem:
    """At ``path``, like ``payload.lines[].price``, the reader takes less than may be there."""

    path: str
    says: str


def problems(reader: Flat, writer: Flat) -> list[Problem]:
    """Empty if the reader takes whatever fits the schema of the ``writer``.

    Readers ignore fields that they do not know, at every depth, as ``read_payload`` does.
    """
    return _Comparison(Document(reader), Document(writer)).of(
        reader, writer, "payload", frozenset()
    )


@dataclass(frozen=True, slots=True)
class _Comparison:
    reader: Document
    writer: Document

    def of(self, reader: Node, writer: Node, path: str, above: frozenset[str]) -> list[Problem]:
        """``above`` are the pairs that this one is part of: a pair within itself adds nothing."""
        pair = json.dumps([reader, writer])
        if pair in above:
            return []
        takers = self.reader.alternatives(reader)
        return [
            problem
            for flat in self.writer.alternatives(writer)
            for problem in self._taken(takers, flat, path, above | {pair})
        ]

    def _taken(
        self, takers: list[Flat], flat: Flat, path: str, above: frozenset[str]
    ) -> list[Problem]:
        """Why none of ``takers`` takes it, told by the one that comes closest."""
        close = [
            list(self._problems(taker, one, path, above))
            for taker, one in _closest(takers, flat) or _coerced(takers, flat)
        ]
        if not close:
            return [Problem(path, f"takes {_shown(takers)}, may be {_shown([flat])}")]
        return min(close, key=len)

    def _problems(
        self, taker: Flat, flat: Flat, path: str, above: frozenset[str]
    ) -> Iterator[Problem]:
        for keyword in sorted(taker.keys() - _STRUCTURE):
            if says := _RULES.get(keyword, unjudged(keyword))(taker, flat):
                yield Problem(path, says)
        if "const" in taker:
            return
        yield from _absent(taker, flat, path)
        for inner_taker, inner, place in self._pairs(taker, flat):
            yield from self.of(inner_taker, inner, f"{path}{place}", above)

    def _pairs(self, taker: Flat, flat: Flat) -> Iterator[tuple[Node, Node, str]]:
        """The nodes within, each of the taker's with one of the writer's in the same place."""
        if "prefixItems" in taker or "items" in taker:
            yield from _items(taker, flat)
        for name, node in taker.get("properties", {}).items():
            yield from ((node, one, f".{name}") for one in _under(flat, name))
        if "patternProperties" in taker or "additionalProperties" in taker:
            yield from _unnamed(taker, flat)
        if "propertyNames" in taker:
            yield from ((taker["propertyNames"], one, " (names)") for one in _names(flat))


def _closest(takers: list[Flat], flat: Flat) -> list[tuple[Flat, Flat]]:
    """Those that it makes sense to compare: of one type, of one value; of many, of one tag."""
    near = [taker for taker in takers if _meet(taker, flat)]
    if len(near) != 1:
        near = [taker for taker in near if _agree(taker, flat)]
    return [(taker, flat) for taker in near]


def _coerced(takers: list[Flat], flat: Flat) -> list[tuple[Flat, Flat]]:
    """Those that take it as another type: to pydantic true is 1, unless it is told to be strict."""
    if flat.get("type") == "boolean":
        value = flat.get("const")
        low, high = (0, 1) if value is None else (int(value), int(value))
        other: Flat = {"type": "integer", "minimum": low, "maximum": high}
    elif flat.get("type") == "integer" and set(bounds(flat)) <= {0, 1}:
        other = {"type": "boolean"}
    else:
        return []
    return _closest([one for one in takers if "x-strict" not in one], other)


def _meet(taker: Flat, flat: Flat) -> bool:
    wanted, there = taker.get("type"), flat.get("type")
    if wanted not in {None, there} and (wanted, there) != ("number", "integer"):
        return False
    if "const" in taker:
        return "const" in flat and _same(taker["const"], flat["const"])
    return True


def _agree(taker: Flat, flat: Flat) -> bool:
    tags, other = _tags(taker), _tags(flat)
    return all(_same(tags[name], other[name]) for name in tags.keys() & other.keys())


def _same(one: Any, other: Any) -> bool:
    return canonical_json(one) == canonical_json(other)


def _tags(flat: Flat) -> Flat:
    return {
        name: one["const"]
        for name, one in flat.get("properties", {}).items()
        if not isinstance(one, bool) and "const" in one
    }


def _absent(taker: Flat, flat: Flat, path: str) -> Iterator[Problem]:
    for name in taker.get("required", ()):
        if name not in flat.get("required", ()):
            may = "may be absent" if list(_under(flat, name)) else "is never there"
            yield Problem(f"{path}.{name}", f"is required, {may}")


def _under(flat: Flat, name: str) -> Iterator[Node]:
    """What may stand under ``name``."""
    if name in flat.get("properties", {}):
        yield flat["properties"][name]
        return
    for pattern, node in flat.get("patternProperties", {}).items():
        if finds(pattern, name):
            yield node
    if others(flat) is not False:
        yield others(flat)


def _unnamed(taker: Flat, flat: Flat) -> Iterator[tuple[Node, Node, str]]:
    """Fields that the taker has no name for; a model does not read them.

    Of a taker with patterns nothing else may be there: pydantic means them so.
    """
    patterns = taker.get("patternProperties", {})
    rest = False if patterns else taker.get("additionalProperties", False)
    if not patterns and rest is False:
        return
    for name, node in flat.get("properties", {}).items():
        if name not in taker.get("properties", {}):
            found = [one for pattern, one in patterns.items() if finds(pattern, name)]
            yield from ((one, node, f".{name}") for one in found or [rest])
    for pattern, node in flat.get("patternProperties", {}).items():
        known = patterns.values() if pattern in patterns else [rest]
        yield from ((one, node, "[]") for one in known)
    if others(flat) is not False:
        yield rest, others(flat), "[]"


def _names(flat: Flat) -> Iterator[Flat]:
    """Nodes of the names that its fields may have."""
    yield from ({"const": name} for name in flat.get("properties", {}))
    named = {"type": "string", **flat.get("propertyNames", {})}
    yield from ({**named, "pattern": one} for one in flat.get("patternProperties", {}))
    if others(flat) is not False:
        yield named


def _items(taker: Flat, flat: Flat) -> Iterator[tuple[Node, Node, str]]:
    wanted, there = taker.get("prefixItems", ()), flat.get("prefixItems", ())
    most = flat.get("maxItems")
    places = max(len(wanted), len(there))
    for place in range(places if most is None else min(places, most)):
        yield _item(taker, place), _item(flat, place), f"[{place}]"
    if most is None or most > places:
        yield _item(taker, places), _item(flat, places), "[]"


def _item(node: Flat, place: int) -> Node:
    told = node.get("prefixItems", ())
    found: Node = told[place] if place < len(told) else node.get("items", True)
    return found


def _shown(flats: list[Flat]) -> str:
    """In a few words, for an error text."""
    if not flats:
        return "nothing"
    words = list(dict.fromkeys(_word(flat) for flat in flats))
    more = [f"{len(words) - _MOST_SHOWN} more"] if len(words) > _MOST_SHOWN else []
    return " or ".join([*words[:_MOST_SHOWN], *more])


def _word(flat: Flat) -> str:
    if "const" in flat:
        return canonical_json(flat["const"])
    tags = ", ".join(f"{name} {canonical_json(value)}" for name, value in _tags(flat).items())
    return f"{flat.get('type', 'anything')}{f' with {tags}' if tags else ''}"
