"""What pydantic asks beyond JSON Schema: told between models as teams write them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import (
    UUID4,
    AnyUrl,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FtpUrl,
    FutureDate,
    HttpUrl,
    IPvAnyAddress,
    NaiveDatetime,
    PastDate,
    PastDatetime,
    PostgresDsn,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
    create_model,
)

from workerless import JobType, Payload
from workerless.contract.check import findings
from workerless.contract.recorded import FORM, Contract, contract_of

DAY, NAIVE = date(2026, 6, 1), datetime(2026, 6, 1)  # noqa: DTZ001 -- naive on purpose
ZONED = datetime(2026, 6, 1, tzinfo=UTC)
Stripped = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Digits: Any = lambda **said: Annotated[Decimal, Field(**said)]  # noqa: E731 -- a type of its own
Bound: Any = lambda kind, **said: Annotated[kind, Field(**said)]  # noqa: E731 -- the same
Dict: Any = dict


class Size(IntEnum):
    S = 1


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, str_strip_whitespace=True)
    n: int
    s: Annotated[str, Field(min_length=1)]


class Lax(BaseModel):
    n: bool
    s: Annotated[str, Field(min_length=1)]


def job_type(kind: Any) -> JobType[Any, Any]:
    made: Any = {"f": (kind, ...)}
    return JobType(
        name="made", payload=create_model("Made", __base__=Payload, __doc__="Made.", **made)
    )


def says(reader: Any, writer: Any) -> list[str]:
    """What waits, written as ``writer``, and is not read as ``reader``."""
    before = contract_of(job_type(writer), [], None)
    found = findings({"made": job_type(reader)}, {"made": before})
    return [
        one.says.removeprefix("messages that wait: payload.")
        for one in found
        if one.kind == "waiting"
    ]


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        *((one, one) for one in (AwareDatetime, PastDate, FutureDate, HttpUrl, Stripped, Decimal)),
        *((one, one) for one in (dict[int, int], dict[Decimal, int], Bound(time, lt=time(3)))),
        (datetime, AwareDatetime),
        (datetime, date),
        (PastDatetime, PastDate),
        (date, Bound(date, ge=DAY)),
        (Bound(date, ge=DAY), Bound(date, ge=DAY)),
        (Bound(date, ge=DAY), Bound(date, gt=DAY)),
        (Bound(date, ge=DAY), Bound(date, ge=date(2026, 7, 1))),
        (Bound(date, gt=DAY), Bound(date, gt=DAY)),
        (Bound(date, gt=DAY), Bound(date, ge=date(2026, 6, 2))),
        (Bound(datetime, le=ZONED), Bound(datetime, lt=ZONED)),
        (Bound(datetime, lt=NAIVE), Bound(datetime, le=datetime(2026, 5, 1))),  # noqa: DTZ001
        (Bound(timedelta, le=timedelta(days=2)), Bound(timedelta, le=timedelta(days=1))),
        (Decimal, int),
        (Decimal, float),
        (Digits(max_digits=4, decimal_places=2), Digits(max_digits=3, decimal_places=2)),
        (Digits(max_digits=4, decimal_places=2), Digits(max_digits=2)),
        (Digits(max_digits=2), Bound(int, ge=-9, le=99)),
        (Digits(decimal_places=0), int),
        (Digits(ge=0), Digits(ge=1)),
        (Digits(allow_inf_nan=True), Decimal),
        (dict[str, int], dict[int, int]),
        (dict[float, int], dict[int, int]),
        (dict[Decimal, int], dict[int, int]),
        (Dict[Bound(int, ge=1), int], Dict[Bound(int, gt=0), int]),
        (int, bool),
        (float, bool),
        (Bound(int, ge=0, le=1), bool),
        (int | None, bool | None),
        (bool, Bound(int, ge=0, le=1)),
        (set[int], list[int]),
        (set[int], list[bool]),
        (Bound(set[int], min_length=1), Bound(list[int], min_length=1)),
        (Bound(set[int], min_length=2), Bound(set[int], min_length=2)),
        (UUID, UUID4),
        (IPvAnyAddress, IPv4Address),
        (AnyUrl, HttpUrl),
        (StrictInt, int),
        *((Bound(one, strict=True), one) for one in (date, datetime, timedelta, UUID, Decimal)),
        (Bound(set[int], strict=True), list[int]),
        (str, Stripped),
        (Stripped, Literal["a"]),
        (Bound(int, ge=1), Literal[True]),
        *((one, one) for one in (dict[Literal[1, 2], int], dict[Size, int], Strict)),
    ],
)
def test_reader_takes_it(reader: Any, writer: Any) -> None:
    assert says(reader, writer) == []


@pytest.mark.parametrize(
    ("reader", "writer", "expected"),
    [
        (AwareDatetime, datetime, "takes times that are aware, may be any"),
        (AwareDatetime, date, "takes times that are aware, may be any"),
        (NaiveDatetime, AwareDatetime, "takes times that are naive, may be aware"),
        (PastDate, date, "takes times of the past, may be any"),
        (FutureDate, PastDate, "takes times of the future, may be past"),
        (Bound(date, ge=DAY), date, "takes >= 2026-06-01, may be any"),
        (Bound(date, ge=DAY), Bound(date, gt=date(2026, 5, 1)), "may be > 2026-05-01"),
        (Bound(date, gt=DAY), Bound(date, ge=DAY), "takes > 2026-06-01, may be >= 2026-06-01"),
        (Bound(date, lt=DAY), Bound(date, le=DAY), "takes < 2026-06-01, may be <= 2026-06-01"),
        (Bound(datetime, le=ZONED), Bound(datetime, le=NAIVE), "may be <= 2026-06-01T00:00:00"),
        (Bound(time, lt=time(3)), time, "takes < 03:00:00, may be any"),
        (Bound(timedelta, le=timedelta(days=1)), timedelta, "takes <= 86400 s, may be any"),
        (Decimal, str, "takes format decimal, may be any text"),
        (Decimal, bool, "takes number or string, may be boolean"),
        (Decimal, Digits(allow_inf_nan=True), "takes format decimal, may be format any-decimal"),
        (Digits(max_digits=3), Digits(max_digits=4), "takes at most 3 digits, may have 4"),
        (Digits(max_digits=3), int, "takes at most 3 digits, may have any number"),
        (Digits(max_digits=2), Bound(int, ge=-100, le=9), "at most 2 digits, may have 3"),
        (Digits(decimal_places=2), float, "at most 2 decimal places, may have any number"),
        (
            Digits(max_digits=4, decimal_places=3),
            Digits(max_digits=4, decimal_places=2),
            "takes at most 1 digits before the point, may have 2",
        ),
        (Digits(ge=1), Digits(ge=0), "takes >= 1, may be >= 0"),
        (dict[int, int], dict[str, int], "f (names) takes format integer, may be any text"),
        (dict[int, int], dict[float, int], "takes format integer, may be format number"),
        (dict[Decimal, int], dict[float, int], "format decimal, may be format number"),
        (Dict[Bound(Decimal, ge=1), int], dict[Decimal, int], "f (names) takes >= 1, may be any"),
        (dict[Literal[1, 2], int], dict[str, int], "f (names) takes 1 or 2, may be string"),
        (Strict, Lax, "f.n takes integer, may be boolean"),
        (Strict, Lax, "f.s is measured without spaces"),
        (dict[bool, int], dict[int, int], "takes format boolean, may be format integer"),
        (Dict[Bound(int, ge=1), int], dict[int, int], "f (names) takes >= 1, may be any number"),
        (Dict[Bound(Decimal, max_digits=1), int], dict[Decimal, int], "takes at most 1 digits"),
        (Bound(int, ge=1), bool, "takes >= 1, may be >= 0"),
        (StrictInt, bool, "takes integer, may be boolean"),
        (StrictFloat, bool, "takes number, may be boolean"),
        (Bound(datetime, strict=True), date, "takes format date-time, may be format date"),
        (StrictBool, Bound(int, ge=0, le=1), "takes boolean, may be integer"),
        (bool, int, "takes boolean, may be integer"),
        (Bound(set[int], min_length=2), Bound(list[int], min_length=2), "2 different items"),
        (UUID4, UUID, "takes format uuid4, may be format uuid"),
        (HttpUrl, AnyUrl, 'takes addresses of ["http","https"], may be of any'),
        (HttpUrl, FtpUrl, 'of ["http","https"], may be of ["ftp"]'),
        (PostgresDsn, str, "takes addresses of "),
        (Stripped, Bound(str, min_length=1), "may be spaces only"),
    ],
)
def test_reader_does_not_take_it(reader: Any, writer: Any, expected: str) -> None:
    assert expected in "\n".join(says(reader, writer))


def test_contract_from_before_there_were_details_is_compared_as_it_was_made() -> None:
    """Otherwise a model that nobody touched would break with what is not said there."""
    plain = contract_of(job_type(datetime), [], None).model_copy(update={"form": 1})

    assert findings({"made": job_type(AwareDatetime)}, {"made": plain})[0].kind == "unproven"
    assert says(AwareDatetime, datetime)


def test_contract_says_how_it_was_made() -> None:
    made = contract_of(job_type(Decimal), [], None)
    before = {name: one for name, one in made.model_dump(by_alias=True).items() if name != "form"}

    assert made.form == FORM
    assert Contract.model_validate(before).form == 1
