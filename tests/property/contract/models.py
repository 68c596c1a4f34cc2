"""Strategies: payload models as teams write them, made of the same few fields again and again."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, TypedDict
from uuid import UUID

from hypothesis import strategies as st
from pydantic import (
    UUID4,
    AnyUrl,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FutureDate,
    HttpUrl,
    JsonValue,
    NaiveDatetime,
    PastDate,
    PastDatetime,
    Strict,
    StrictBool,
    StrictInt,
    StringConstraints,
    create_model,
)
from pydantic.dataclasses import dataclass

from workerless.payload import Payload


class Colour(Enum):
    A = "a"
    B = "b"


class Cat(BaseModel):
    kind: Literal["x"] = "x"
    a: int = 0


class Dog(BaseModel):
    kind: Literal["y"] = "y"
    a: str = ""


class Bird(BaseModel):
    kind: Literal["x", "y"]
    b: int = 0


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int = 0


class Tree(BaseModel):
    a: int
    b: list["Tree"] = Field(default=[])


class Bush(BaseModel):
    a: int | None = None
    b: list["Bush"] | None = None


class Typed(TypedDict):
    a: int


@dataclass
class Plain:
    a: int
    b: str = ""


SCALARS: list[Any] = [
    *(int, float, str, bool, Colour, date, UUID, Decimal, bytes, Any, JsonValue),
    *(Literal["a"], Literal["a", "b"], Literal[1, 2], Literal[1, "a", True] | None),
    *(Annotated[int, Field(ge=low)] for low in (0, 1, 2)),
    *(Annotated[int, Field(gt=low, le=3)] for low in (0, 1)),
    *(Annotated[float, Field(ge=0, lt=high)] for high in (2, 3)),
    *(Annotated[int, Field(multiple_of=by)] for by in (1, 2)),
    *(Annotated[str, Field(min_length=size)] for size in (0, 1, 2)),
    *(Annotated[str, Field(max_length=size)] for size in (1, 3)),
    *(Annotated[str, StringConstraints(pattern=one)] for one in ("^a", "b")),
    *(StrictInt, StrictBool, Literal[0, 1], Annotated[int, Field(ge=0, le=1)], UUID4),
    *(Annotated[str, StringConstraints(strip_whitespace=True, min_length=n)] for n in (0, 1)),
    *(Tree, Bush, Typed, Plain, Open, Cat, Dog),
    *(Annotated[Cat | Dog, Field(discriminator="kind")], Cat | Dog, Bird | Cat),
    *(Annotated[one, Strict()] for one in (date, UUID, Colour, Decimal, bytes, Cat, list[date])),
    *(dict[str, Any], dict[Colour, int], dict[Annotated[str, Field(pattern="^a")], int]),
]


MOMENTS: list[Any] = [
    *(Annotated[one, Strict()] for one in (date, datetime, timedelta)),
    *(date, PastDate, FutureDate, datetime, AwareDatetime, NaiveDatetime, PastDatetime, timedelta),
    *(Annotated[date, Field(ge=date(2026, day, 1))] for day in (1, 6)),
    *(Annotated[date, Field(gt=date(2026, 1, 1)), Field(lt=date(2026, day, 1))] for day in (6, 9)),
    *(Annotated[datetime, Field(le=datetime(2026, day, 1))] for day in (1, 6)),  # noqa: DTZ001 -- naive on purpose
    Annotated[datetime, Field(le=datetime(2026, 6, 1, tzinfo=UTC))],
    *(Annotated[timedelta, Field(lt=timedelta(days=days))] for days in (1, 2)),
]
DECIMALS: list[Any] = [
    Annotated[Decimal, Strict()],
    *(Decimal, int, float, bool, str, Annotated[int, Field(ge=-9, le=99)]),
    *(Annotated[Decimal, Field(max_digits=digits)] for digits in (1, 2, 3)),
    *(Annotated[Decimal, Field(decimal_places=places)] for places in (0, 1, 2)),
    *(Annotated[Decimal, Field(max_digits=3, decimal_places=places)] for places in (0, 1, 2)),
    *(Annotated[Decimal, Field(ge=low)] for low in (0, 1)),
    Annotated[Decimal, Field(allow_inf_nan=True)],
]
KEYS: list[Any] = [str, int, float, bool, Decimal, UUID, date, Annotated[int, Field(ge=1)]]
KEYS += [Annotated[int, Field(gt=0, lt=3)], Annotated[Decimal, Field(max_digits=1)]]


# Made of what is drawn, which no type checker knows.
_list: Any = list
_tuple: Any = tuple
_set: Any = set
_dict: Any = dict
_annotated: Any = Annotated


def _wider(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    size = st.integers(0, 2)
    return st.one_of(
        inner.map(lambda one: _list[one]),
        inner.map(lambda one: _tuple[one, ...]),
        inner.map(lambda one: _dict[str, one]),
        inner.map(lambda one: one | None),
        st.tuples(inner, inner).map(lambda two: two[0] | two[1]),
        st.tuples(inner, inner).map(lambda two: _tuple[two[0], two[1]]),
        st.tuples(inner, size).map(lambda one: _annotated[_list[one[0]], Field(max_length=one[1])]),
        st.tuples(inner, size).map(lambda one: _annotated[_list[one[0]], Field(min_length=one[1])]),
        st.dictionaries(st.sampled_from("ab"), inner, max_size=2).map(_inner),
    )


def _inner(fields: dict[str, Any]) -> type[BaseModel]:
    made: dict[str, Any] = {name: (one, ...) for name, one in fields.items()}
    return create_model("Inner", **made)


def _many(one: Any) -> st.SearchStrategy[Any]:
    """Lists and sets of it, and of how many at least and at most."""
    least, most = st.none() | st.integers(0, 3), st.none() | st.integers(1, 3)
    return st.tuples(st.sampled_from([_list, _set]), least, most).map(
        lambda made: _annotated[made[0][one], Field(min_length=made[1], max_length=made[2])]
    )


NEAR: list[st.SearchStrategy[Any]] = [
    st.sampled_from(MOMENTS),
    st.sampled_from(DECIMALS),
    st.sampled_from(KEYS).map(lambda key: _dict[key, int]),
    st.sampled_from([int, bool, int | bool, str, float]).flatmap(_many),
    st.sampled_from([AnyUrl, HttpUrl, str]),
]
"""Of each, all are near each other: one often takes what another writes."""

ANNOTATIONS = st.recursive(st.sampled_from(SCALARS), _wider, max_leaves=3)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[type[Payload], type[Payload]]:
    """Two payloads with one field of like types."""
    near = draw(st.sampled_from(NEAR))
    one, other = (_payload({"a": (draw(near), ...)}) for _ in range(2))
    return one, other


@st.composite
def payloads(draw: st.DrawFn) -> type[Payload]:
    """A payload of up to three fields, each required or not."""
    fields = draw(st.dictionaries(st.sampled_from("abc"), ANNOTATIONS, min_size=1, max_size=3))
    made: dict[str, Any] = {
        name: (one, draw(st.sampled_from([..., None]))) for name, one in fields.items()
    }
    return _payload(made)


def _payload(fields: dict[str, Any]) -> type[Payload]:
    return create_model("Made", __base__=Payload, __doc__="Made.", **fields)
