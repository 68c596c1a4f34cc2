"""Python values as DynamoDB values, and back. Instants are epoch milliseconds."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# PEP 695 aliases are evaluated when asked for, which nobody does at run time.
type Value = AttributeValueTypeDef

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SECOND = timedelta(seconds=1)


def text(value: str) -> Value:
    r"""Valid UTF-8, which a lone surrogate is not: it becomes its escape, ``\ud800``."""
    is_sound = value.isascii()
    return {"S": value if is_sound else value.encode(errors="backslashreplace").decode()}


def texts(values: Iterable[str]) -> Value:
    """A list of texts, in their order."""
    return {"L": [text(value) for value in values]}


def number(value: int) -> Value:
    """DynamoDB numbers travel as text."""
    return {"N": str(value)}


def instant(value: datetime) -> Value:
    """Epoch milliseconds, rounded down."""
    return number((value - _EPOCH) // _MILLISECOND)


def ceiling(value: datetime) -> int:
    """Epoch milliseconds, rounded up: the first that are not before ``value``."""
    return -((_EPOCH - value) // _MILLISECOND)


def expiry(value: datetime) -> Value:
    """In seconds, as DynamoDB's TTL wants it, rounded up: nothing goes before its time."""
    return number(-((_EPOCH - value) // _SECOND))


def optional[T](encode: Callable[[T], Value], value: T | None) -> Value | None:
    """The value encoded; None stays None, an attribute that is not there."""
    return None if value is None else encode(value)


def read_instant(value: Value) -> datetime:
    """What ``instant`` wrote."""
    return read_milliseconds(int(value["N"]))


def optional_instant(item: Mapping[str, Value], name: str) -> datetime | None:
    """The attribute of that name; None where there is none."""
    return read_instant(item[name]) if name in item else None


def optional_text(item: Mapping[str, Value], name: str) -> str | None:
    """The same for a text."""
    return item[name]["S"] if name in item else None


def read_milliseconds(value: int) -> datetime:
    """The instant of so many epoch milliseconds."""
    return _EPOCH + value * _MILLISECOND


def read_expiry(value: Value) -> datetime:
    """What ``expiry`` wrote."""
    return _EPOCH + int(value["N"]) * _SECOND


def size(name: str, value: Value) -> int:
    """Bytes an attribute counts for, rounded up where DynamoDB's own formula is not exact.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return len(name.encode()) + _size(value)


def _size(value: Value) -> int:
    if (text := value.get("S", value.get("N"))) is not None:
        return len(text if text.isascii() else text.encode())
    if "M" in value:
        return 3 + sum(1 + size(name, inner) for name, inner in value["M"].items())
    if "L" in value:
        return 3 + sum(1 + _size(inner) for inner in value["L"])
    return 1
