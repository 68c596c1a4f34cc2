"""Search keys: which fields can be one, and what stands for their values."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import Field

from workerless import Tracking
from workerless.errors import DeclarationError
from workerless.job_type import JobType
from workerless.payload import Payload
from workerless.search_key import key_digest, key_text, keys_of


class Size(Enum):
    SMALL = "small"
    BIG = "big"


class Part(Payload):
    """A part."""

    name: str


class Order(Payload):
    """An order."""

    text: str
    number: int
    flag: bool
    maybe: str | None
    short: Annotated[str, Field(max_length=3)]
    chosen: Literal["a", "b"]
    one: Literal[1]
    size: Size
    identity: UUID
    day: date
    moment: datetime
    spoken_as: str = Field(alias="spokenAs")
    weight: float
    price: Decimal
    parts: list[str]
    part: Part
    more: dict[str, str]
    anything: Any


SCALARS = (
    *("text", "number", "flag", "maybe", "short", "chosen", "one", "size", "identity"),
    *("day", "moment", "spokenAs"),
)
OTHERS = ("weight", "price", "parts", "part", "more", "anything", "spoken_as", "unheard_of", "")


def declared(*keys: str, **fields: Any) -> JobType[Any, Any]:
    return JobType(name="order", payload=Order, search_keys=keys, **fields)


@pytest.mark.parametrize("field", SCALARS)
def test_text_integer_or_boolean_can_be_a_key(field: str) -> None:
    assert declared(field).search_keys == (field,)


@pytest.mark.parametrize("field", OTHERS)
def test_nothing_else_can(field: str) -> None:
    with pytest.raises(DeclarationError, match="order: search_keys must be texts, integers or"):
        declared(field)


@pytest.mark.parametrize("keys", [("text", "text"), SCALARS[:6]])
def test_keys_are_few_and_different(keys: tuple[str, ...]) -> None:
    with pytest.raises(DeclarationError, match="search_keys must be a tuple of at most 5"):
        declared(*keys)


@pytest.mark.parametrize("tracking", [Tracking.LEAN, Tracking.OFF])
def test_keys_take_full_tracking(tracking: Tracking) -> None:
    with pytest.raises(DeclarationError, match="empty without tracking full"):
        declared("text", tracking=tracking)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (7, "7"),
        (-1, "-1"),
        (True, "true"),
        (False, "false"),
        ("", None),
        (None, None),
        (1.5, None),
        ([1], None),
        ({"a": 1}, None),
    ],
)
def test_value_is_found_as_its_caller_writes_it(value: object, text: str | None) -> None:
    assert key_text(value) == text


def test_only_what_is_there_is_a_key() -> None:
    data = {"text": "a", "number": 7, "parts": ["x"], "maybe": None}

    assert keys_of(("text", "number", "parts", "maybe", "gone"), data) == {
        "text": key_digest("a"),
        "number": key_digest("7"),
    }


def test_digest_does_not_show_the_value() -> None:
    address = "anna@example.com"

    assert address not in key_digest(address)
    assert len(key_digest(address)) == len(key_digest("x" * 100_000 + "\ud800")) == 16


def test_dates_are_found_as_json_writes_them() -> None:
    day = date(2026, 1, 1)

    class Daily(Payload):
        """A day's work."""

        day: date

    daily = JobType(name="daily", payload=Daily, search_keys=("day",))

    assert keys_of(daily.search_keys, daily.data(Daily(day=day))) == {
        "day": key_digest("2026-01-01")
    }
