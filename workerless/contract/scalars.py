"""The keywords of a schema that hold a value each: what a reader asks and a writer keeps. Pure.

Each rule is given two flat nodes, the reader's and the writer's. It tells what the writer's may be
that the reader's does not take, or None.
"""

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from workerless.contract.schema import Flat, others
from workerless.payload import canonical_json

type Rule = Callable[[Flat, Flat], str | None]

# Formats of any text: a secret, and bytes.
_FREE = frozenset(("password", "binary"))
# Formats that take what is of others.
_TAKES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "uuid": tuple(f"uuid{version}" for version in range(1, 9)),
        "ipvanyaddress": ("ipv4", "ipv6"),
        "any-decimal": ("decimal", "integer"),
        **dict.fromkeys(("decimal", "number"), ("integer",)),
    }
)
# The same, unless the reader is strict.
_LAX_TAKES: Mapping[str, tuple[str, ...]] = MappingProxyType({"date-time": ("date",)})
# Of a character: bytes stand in JSON as the text that they are in UTF-8.
_MOST_BYTES = 4
# What is counted by each pair of keywords.
_COUNTED = {"Length": "characters", "Items": "items", "Properties": "fields"}


def unjudged(keyword: str) -> Rule:
    """For what nothing is known of: only the same is the same, and refers to nothing."""

    def rule(reader: Flat, writer: Flat) -> str | None:
        wanted, there = reader[keyword], writer.get(keyword)
        if wanted == there and '"$ref"' not in canonical_json(wanted):
            return None
        may = "is not said" if there is None else f"may be {canonical_json(there)}"
        return f"{keyword} must be {canonical_json(wanted)}, {may}"

    return rule


def _at_least(what: str) -> Rule:
    def rule(reader: Flat, writer: Flat) -> str | None:
        wanted, least = reader[f"min{what}"], _least(what, writer)
        counted = _COUNTED[what]
        if what == "Items" and reader.get("uniqueItems") and not writer.get("uniqueItems"):
            counted, least = "different items", min(least, 1)  # all may be the same
        if what == "Length" and _is_bytes(writer) and not _is_bytes(reader):
            least = math.ceil(least / _MOST_BYTES)
        if least >= wanted:
            return None
        return f"takes at least {wanted} {counted}, may have {least}"

    return rule


def _least(what: str, writer: Flat) -> int:
    least: int = writer.get(f"min{what}", 0)
    return max(least, len(writer.get("required", ()))) if what == "Properties" else least


def _at_most(what: str) -> Rule:
    def rule(reader: Flat, writer: Flat) -> str | None:
        wanted, most, counted = reader[f"max{what}"], _most(what, writer), _COUNTED[what]
        if what == "Length" and _is_bytes(reader):
            counted, most = "bytes", _most_bytes(writer, most)
        if most <= wanted:
            return None
        return f"takes at most {wanted} {counted}, may have {_number(most)}"

    return rule


def _most(what: str, writer: Flat) -> float:
    most: float = writer.get(f"max{what}", math.inf)
    is_closed = others(writer) is False and "patternProperties" not in writer
    if what == "Properties" and is_closed:
        return min(most, len(writer.get("properties", {})))
    return most


def _most_bytes(writer: Flat, most: float) -> float:
    if isinstance(told := writer.get("const"), str):
        return len(told.encode())
    return most if _is_bytes(writer) else most * _MOST_BYTES


def _is_bytes(node: Flat) -> bool:
    """Whether its length is counted in bytes, not in characters."""
    return node.get("format") == "binary"


def _lower(reader: Flat, writer: Flat) -> str | None:
    wanted, there = _low(reader), _low(writer)
    return None if there >= wanted else f"takes {_bound('>', wanted)}, may be {_bound('>', there)}"


def _upper(reader: Flat, writer: Flat) -> str | None:
    wanted, there = _high(reader), _high(writer)
    return None if there <= wanted else f"takes {_bound('<', wanted)}, may be {_bound('<', there)}"


def bounds(node: Flat) -> tuple[float, float]:
    """The least and the greatest number that it may be."""
    return _low(node)[0], _high(node)[0]


def _low(node: Flat) -> tuple[float, int]:
    """The lower bound; the second is 1 where it is itself left out."""
    ends = [(-math.inf, 0), (node.get("minimum", -math.inf), 0)]
    if (open_end := node.get("exclusiveMinimum")) is not None:
        ends.append((math.floor(open_end) + 1, 0) if is_whole(node) else (open_end, 1))
    return max(ends)


def _high(node: Flat) -> tuple[float, int]:
    """The upper bound; the second is -1 where it is itself left out."""
    ends = [(math.inf, 0), (node.get("maximum", math.inf), 0)]
    if (open_end := node.get("exclusiveMaximum")) is not None:
        ends.append((math.ceil(open_end) - 1, 0) if is_whole(node) else (open_end, -1))
    return min(ends)


def _bound(sign: str, bound: tuple[float, int]) -> str:
    if math.isinf(bound[0]):
        return "any number"
    return f"{sign}{'' if bound[1] else '='} {_number(bound[0])}"


def _number(value: float) -> str:
    return "any number" if math.isinf(value) else f"{value:.15g}"


def _multiple(reader: Flat, writer: Flat) -> str | None:
    wanted = reader["multipleOf"]
    there = writer.get("const", writer.get("multipleOf", 1 if is_whole(writer) else None))
    if there == wanted or (_is_int(there) and _is_int(wanted) and there % wanted == 0):
        return None
    return f"takes multiples of {wanted}, may be others"


def is_whole(node: Flat) -> bool:
    """Whether it is a whole number. A name of an object may be one, too."""
    return "integer" in {node.get("type"), node.get("format")}


def _is_int(value: Any) -> bool:
    return isinstance(value, int)


def _pattern(reader: Flat, writer: Flat) -> str | None:
    wanted = reader["pattern"]
    if wanted == writer.get("pattern") or _matches(wanted, writer.get("const")):
        return None
    may = (
        canonical_json(writer["const"]) if "const" in writer else writer.get("pattern", "any text")
    )
    return f"takes texts of {wanted}, may be {may}"


def _format(reader: Flat, writer: Flat) -> str | None:
    wanted, there = reader["format"], writer.get("format")
    taken = _TAKES.get(wanted, ())
    if "x-strict" not in reader:
        taken += _LAX_TAKES.get(wanted, ())
    if wanted in _FREE or wanted == there or there in taken:
        return None
    return f"takes format {wanted}, may be {f'format {there}' if there else 'any text'}"


def _matches(pattern: str, value: Any) -> bool:
    return isinstance(value, str) and finds(pattern, value)


def finds(pattern: str, text: str) -> bool:
    """Whether ``pattern`` is known to be in ``text``; pydantic's may be none of Python's."""
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        **{f"min{what}": _at_least(what) for what in _COUNTED},
        **{f"max{what}": _at_most(what) for what in _COUNTED},
        "minimum": _lower,
        "exclusiveMinimum": _lower,
        "maximum": _upper,
        "exclusiveMaximum": _upper,
        "multipleOf": _multiple,
        "pattern": _pattern,
        "format": _format,
        "uniqueItems": lambda _reader, _writer: None,  # a set is made of any list
    }
)
