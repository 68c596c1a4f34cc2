"""Steps that give models: what is read again is what was given, of the same class."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, Field

from workerless import Result
from workerless.execution.steps import Steps


class Charge(Result):
    """What a bank gives."""

    charge_id: str = Field(alias="chargeId")
    amount: Decimal
    at: datetime


@dataclass(frozen=True)
class Place:
    """A shelf."""

    row: int
    shelves: tuple[str, ...]


CHARGE = Charge(chargeId="ch_1", amount=Decimal("10.10"), at=datetime(2026, 1, 1, tzinfo=UTC))
VALUES = [
    (Charge, CHARGE),
    (Place, Place(row=1, shelves=("a", "b"))),
    (datetime, CHARGE.at),
    (Decimal, Decimal("0.1")),
    (tuple[int, str], (1, "a")),
    (dict[str, Charge], {"a": CHARGE}),
]


class Notes:
    """What was saved."""

    def __init__(self) -> None:
        self.saved: Mapping[str, str] = {}

    def save(self, steps: Mapping[str, str]) -> bool:
        self.saved = steps
        return True


def never() -> Any:
    raise AssertionError


@pytest.mark.parametrize(("model", "value"), VALUES)
def test_model_comes_back_as_it_was_given(model: Any, value: object) -> None:
    notes = Notes()

    first = Steps({}, notes.save).once("step", lambda: value, model)
    later = Steps(notes.saved, notes.save).once("step", never, model)

    assert first == later == value
    assert type(first) is type(later) is type(value)


def test_coroutine_gives_models_too() -> None:
    notes = Notes()

    async def charge() -> Charge:
        return CHARGE

    given = asyncio.run(Steps({}, notes.save).once_async("charge", charge, Charge))
    later = asyncio.run(Steps(notes.saved, notes.save).once_async("charge", never, Charge))

    assert given == later == CHARGE


class Loose(BaseModel):
    """What JSON cannot hold."""

    value: float


@pytest.mark.parametrize(
    ("model", "function"),
    [(Charge, lambda: {"nothing": 1}), (Loose, lambda: Loose(value=float("nan"))), (int, str)],
)
def test_what_is_no_such_model_is_not_kept(model: Any, function: Callable[[], Any]) -> None:
    notes = Notes()

    with pytest.raises(ValueError, match="step 'charge' must give"):
        Steps({}, notes.save).once("charge", function, model)

    assert notes.saved == {}


def test_json_that_was_kept_before_may_be_read_as_a_model() -> None:
    notes = Notes()
    Steps({}, notes.save).once("at", lambda: "2026-01-01T00:00:00Z")

    assert Steps(notes.saved, notes.save).once("at", never, datetime) == CHARGE.at
