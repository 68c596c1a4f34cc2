"""A payload as it was released, and what becomes of such in time."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from workerless import Payload


class Line(BaseModel):
    sku: str
    count: int = 1


class Order(Payload):
    """As it was released."""

    name: Annotated[str, Field(max_length=10)]
    format: Literal["csv", "svg"] = "csv"
    lines: tuple[Line, ...] = ()
    note: str = ""


class Fields(Payload):
    """Order's fields, for others to change one each."""

    name: Annotated[str, Field(max_length=10)]
    format: Literal["csv", "svg"] = "csv"
    lines: tuple[Line, ...] = ()
    note: str = ""


class Removed(Payload):
    """Without ``name``, which was required."""

    format: Literal["csv", "svg"] = "csv"
    lines: tuple[Line, ...] = ()
    note: str = ""


class MadeRequired(Fields):
    """``note`` has no default any more."""

    note: str


class NewRequired(Fields):
    """A field that no old message has."""

    customer: str


class NewOptional(Fields):
    """A field that old messages need not have."""

    customer: str | None = None


class Narrowed(Fields):
    """Shorter names."""

    name: Annotated[str, Field(max_length=2)]


class Widened(Fields):
    """Longer names."""

    name: Annotated[str, Field(max_length=20)]


class Shrunk(Fields):
    """A value less."""

    format: Literal["csv"] = "csv"


class Grown(Fields):
    """A value more."""

    format: Literal["csv", "svg", "pdf"] = "csv"  # type: ignore[assignment]


class Retyped(Fields):
    """Another type."""

    name: int  # type: ignore[assignment]


class Deep(BaseModel):
    sku: str
    count: Annotated[int, Field(ge=1)] = 1


class Within(Fields):
    """A change in the items of a list."""

    lines: tuple[Deep, ...] = ()  # type: ignore[assignment]


class Renamed(Payload):
    """``note`` is called ``remark`` now."""

    name: Annotated[str, Field(max_length=10)]
    format: Literal["csv", "svg"] = "csv"
    lines: tuple[Line, ...] = ()
    remark: str = ""


class Format(StrEnum):
    CSV = "csv"
    SVG = "svg"


class Same(Fields):
    """The same said otherwise, under another docstring."""

    format: Format = Format.CSV  # type: ignore[assignment]


class Checked(Fields):
    """What no schema tells."""

    @model_validator(mode="after")
    def _no_tea(self) -> "Checked":
        if any(line.sku == "tea" for line in self.lines):
            raise ValueError("tea is sold out")
        return self
