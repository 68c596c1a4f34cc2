"""The words of ``details``: what a reader asks and a writer keeps. Pure, as ``scalars`` is."""

import math
import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any

from workerless.contract.scalars import Rule, bounds, is_whole
from workerless.contract.schema import Flat
from workerless.payload import canonical_json

# As which of a bound's two sides a writer's bound must stand, to be within the reader's.
_WITHIN: Mapping[str, tuple[tuple[str, Callable[[Any, Any], bool]], ...]] = MappingProxyType(
    {
        "x-min": (("x-min", operator.ge), ("x-above", operator.ge)),
        "x-above": (("x-min", operator.gt), ("x-above", operator.ge)),
        "x-max": (("x-max", operator.le), ("x-below", operator.le)),
        "x-below": (("x-max", operator.lt), ("x-below", operator.le)),
    }
)
_SIGNS = {"x-min": ">=", "x-above": ">", "x-max": "<=", "x-below": "<"}
_READ: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "date": date.fromisoformat,
        "date-time": datetime.fromisoformat,
        "time": time.fromisoformat,
        "duration": float,
    }
)


def _bounded(keyword: str) -> Rule:
    def rule(reader: Flat, writer: Flat) -> str | None:
        read = _READ[reader["format"]]
        for name, holds in _WITHIN[keyword]:
            try:
                if name in writer and holds(read(writer[name]), read(reader[keyword])):
                    return None
            except (TypeError, ValueError):  # one has a zone, or is no moment
                continue
        return f"takes {_SIGNS[keyword]} {_said(reader, keyword)}, may be {_ends(writer, keyword)}"

    return rule


def _ends(writer: Flat, keyword: str) -> str:
    told = [
        f"{_SIGNS[name]} {_said(writer, name)}" for name, _ in _WITHIN[keyword] if name in writer
    ]
    return " and ".join(told) or "any"


def _said(node: Flat, keyword: str) -> str:
    value = node[keyword]
    return value if isinstance(value, str) else f"{value:g} s"


def _same(keyword: str, what: str) -> Rule:
    def rule(reader: Flat, writer: Flat) -> str | None:
        wanted, there = reader[keyword], writer.get(keyword)
        if wanted == there:
            return None
        return f"takes {what} {wanted}, may be {'any' if there is None else there}"

    return rule


def _schemes(reader: Flat, writer: Flat) -> str | None:
    wanted, there = reader["x-schemes"], writer.get("x-schemes")
    if there is not None and set(there) <= set(wanted):
        return None
    may = canonical_json(there) if there else "any"
    return f"takes addresses of {canonical_json(wanted)}, may be of {may}"


def _strips(reader: Flat, writer: Flat) -> str | None:
    """Spaces around a text are taken away before it is measured."""
    if "const" in writer or writer.get("x-strips") or not reader.keys() & {"minLength", "pattern"}:
        return None
    return "is measured without spaces around it, may be spaces only"


def _at_most(keyword: str, counted: str, most: Callable[[Flat], float]) -> Rule:
    def rule(reader: Flat, writer: Flat) -> str | None:
        wanted, there = reader[keyword], most(writer)
        if there <= wanted:
            return None
        may = "any number" if math.isinf(there) else f"{there:g}"
        return f"takes at most {wanted} {counted}, may have {may}"

    return rule


def _most_digits(writer: Flat) -> float:
    told: float = writer.get("x-max-digits", math.inf)
    return min(told, _digits_within(writer)) if is_whole(writer) else told


def _digits_within(writer: Flat) -> float:
    """Of a whole number, by its bounds."""
    most = max(map(abs, bounds(writer)))
    return most if math.isinf(most) else len(str(int(most)))


def _most_places(writer: Flat) -> float:
    """A number that is all places has as many digits."""
    if is_whole(writer):
        return 0
    most: float = min(writer.get(one, math.inf) for one in ("x-max-places", "x-max-digits"))
    return most


def _most_whole(writer: Flat) -> float:
    told: float = writer.get("x-max-whole", math.inf)
    return min(told, _most_digits(writer))


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        **{keyword: _bounded(keyword) for keyword in _WITHIN},
        "x-zone": _same("x-zone", "times that are"),
        "x-now": _same("x-now", "times of the"),
        "x-schemes": _schemes,
        "x-strips": _strips,
        "x-strict": lambda _reader, _writer: None,  # it only tells how it takes others
        "x-max-digits": _at_most("x-max-digits", "digits", _most_digits),
        "x-max-places": _at_most("x-max-places", "decimal places", _most_places),
        "x-max-whole": _at_most("x-max-whole", "digits before the point", _most_whole),
    }
)
