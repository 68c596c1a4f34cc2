"""Strategies: schemas as pydantic makes them, and the values that a writer of one may write."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.property.machines.sizes import NIGHTLY
from workerless.contract.schema import Document, Flat, Node

LAW = settings(
    max_examples=3_000 if NIGHTLY else 150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

NAMES = st.sampled_from(["a", "b", "c"])
WORDS = ["", " ", "a", "b", "ab", "abc", "abcd"]
FEW, ENDS = st.integers(0, 3), st.integers(-1, 3)
KINDS = ("integer", "number", "string", "boolean", "null", "few", "any")
SCALARS: list[Any] = [None, True, False, *range(-2, 8), -0.5, 0.5, 1.5, *WORDS]
NUMBERS = ["0", "1", "-1", "1.5", "0.01", "12", "12.5", "123", "1e2", "1_0", " 2 ", "0.0010", "NaN"]
DAYS = ["2025-12-31", "2026-01-01", "2026-03-01", "2026-06-01", "2026-08-31", "2999-01-01"]
TIMES = ["T00:00:00", "T00:00:00Z", "T23:59:59+14:00"]
FORMATS: dict[str, list[str]] = {
    "date": DAYS,
    "date-time": [*DAYS, *(f"{day}{time}" for day in DAYS for time in TIMES)],
    "duration": ["PT1S", "P1D", "PT23H59M59S", "P1DT1S", "-P3D"],
    "uuid": ["6f1c3f2e-5f0e-4c9e-8f43-0d6c2f1b7a10", "6f1c3f2e-5f0e-1c9e-8f43-0d6c2f1b7a10"],
    "uuid4": ["6f1c3f2e-5f0e-4c9e-8f43-0d6c2f1b7a10"],
    "uri": ["https://a.example/b", "ftp://a.example/b"],
    "binary": ["a"],
    "boolean": ["true", "0", "1"],
    **dict.fromkeys(("decimal", "any-decimal", "integer", "number"), NUMBERS),
}
DEPTH = 3


def some(draw: st.DrawFn, **keywords: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Some of ``keywords``, with a value each."""
    return {name: draw(values) for name, values in keywords.items() if draw(st.booleans())}


@st.composite
def scalar(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> dict[str, Any]:
    kind = draw(st.sampled_from(kinds))
    match kind:
        case "integer" | "number":
            bounds = some(draw, minimum=ENDS, maximum=ENDS)
            opens = some(draw, exclusiveMinimum=ENDS, exclusiveMaximum=ENDS)
            return {"type": kind, **bounds, **opens, **some(draw, multipleOf=st.integers(1, 3))}
        case "string":
            pattern = st.sampled_from(["^a", "b", "^[a-c]+$"])
            return {"type": kind, **some(draw, minLength=FEW, maxLength=FEW, pattern=pattern)}
        case "few":
            return {"enum": draw(st.lists(st.sampled_from(SCALARS), min_size=1, max_size=3))}
        case "any":
            return {}
    return {"type": kind}


@st.composite
def node(draw: st.DrawFn, depth: int = DEPTH) -> dict[str, Any]:
    inner = st.deferred(lambda: node(depth - 1))
    kinds: list[Callable[[st.DrawFn, st.SearchStrategy[Any]], dict[str, Any]]] = []
    if depth > 0:
        kinds = [model, mapping, array, array, union, tagged, lambda *_: {"$ref": "#/$defs/Node"}]
    made = draw(st.sampled_from([None, *kinds]))
    return draw(scalar()) if made is None else made(draw, inner)


def model(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    properties = draw(st.dictionaries(NAMES, inner, max_size=3))
    required = [name for name in properties if draw(st.booleans())]
    closed = some(draw, additionalProperties=st.just(value=False))
    return {"type": "object", "properties": properties, "required": required, **closed}


def mapping(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    names = st.sampled_from([{"enum": ["a", "b"]}, {"maxLength": 1}, {"type": "string"}])
    sizes = some(draw, minProperties=FEW, maxProperties=FEW, propertyNames=names)
    values = draw(inner)
    if draw(st.booleans()):
        return {"type": "object", "additionalProperties": values, **sizes}
    pattern = draw(st.sampled_from(["^a", "^[ab]$"]))
    return {"type": "object", "patternProperties": {pattern: values}, **sizes}


def array(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    sizes = some(draw, minItems=FEW, maxItems=FEW, uniqueItems=st.just(value=True))
    if draw(st.booleans()):
        return {"type": "array", "items": draw(inner), **sizes}
    places = draw(st.lists(inner, max_size=2))
    exact = {"minItems": len(places), "maxItems": len(places)} if draw(st.booleans()) else sizes
    return {"type": "array", "prefixItems": places, **exact}


def union(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    beside = some(draw, minimum=FEW, type=st.sampled_from(["integer", "string"]))
    return {"anyOf": draw(st.lists(inner, min_size=1, max_size=3)), **beside}


def tagged(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    tags = draw(st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=3, unique=True))
    branches = [model(draw, inner) for _ in tags]
    for tag, branch in zip(tags, branches, strict=True):
        branch["properties"]["kind"] = {"const": tag, "type": "string"}
    return {"oneOf": branches, "discriminator": {"propertyName": "kind"}}


@st.composite
def itself(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    """A definition, which may hold itself within: one that is nothing but itself is none."""
    made: dict[str, Any] = draw(st.sampled_from([model, array]))(draw, inner)
    return made


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    """A payload's: an object with definitions, which may hold themselves."""
    inner = st.deferred(node)
    return {**model(draw, inner), "$defs": {"Node": draw(itself(node(DEPTH - 1)))}}


@st.composite
def values(draw: st.DrawFn, document: Document, one: Node, depth: int = 6) -> Any:
    """Something near ``one``: whether it fits is for who asks to find out."""
    flats = document.alternatives(one)
    flat = draw(st.sampled_from(flats)) if flats else {}
    if "const" in flat:
        return flat["const"]
    if "format" in flat:
        return draw(st.sampled_from(FORMATS[flat["format"]]))
    match flat.get("type"):
        case "object" if depth > 0:
            return _object(draw, document, flat, depth - 1)
        case "array" if depth > 0:
            return _array(draw, document, flat, depth - 1)
        case "object" | "array" as kind:
            return {} if kind == "object" else []
    return draw(st.sampled_from([one for one in SCALARS if _is_of(one, flat.get("type"))]))


def _is_of(value: Any, kind: str | None) -> bool:
    types: dict[str | None, tuple[type, ...]] = {
        "integer": (int,),
        "number": (int, float),
        "string": (str,),
        "boolean": (bool,),
        "null": (type(None),),
    }
    is_boolean = isinstance(value, bool)
    return kind is None or (isinstance(value, types[kind]) and is_boolean == (kind == "boolean"))


def _object(draw: st.DrawFn, document: Document, flat: Flat, depth: int) -> dict[str, Any]:
    told = {
        name: draw(values(document, one, depth))
        for name, one in flat.get("properties", {}).items()
        if name in flat.get("required", ()) or draw(st.booleans())
    }
    free = [flat.get("additionalProperties", False), *flat.get("patternProperties", {}).values()]
    for one in free:
        if one is not False:
            kind = flat.get("propertyNames", {}).get("format")
            names = st.sampled_from(FORMATS[kind] if kind else ["a", "b", "ab", "c"])
            told |= {
                name: draw(values(document, one, depth))
                for name in draw(st.lists(names, max_size=3))
                if name not in told
            }
    return told


def _array(draw: st.DrawFn, document: Document, flat: Flat, depth: int) -> list[Any]:
    places = flat.get("prefixItems", ())
    least, most = flat.get("minItems", 0), flat.get("maxItems", 4)
    return [
        draw(values(document, places[at] if at < len(places) else flat.get("items", {}), depth))
        for at in range(draw(st.integers(min(least, most), most)))
    ]
