"""What may be declared of a dependency, and whom an error blames."""

from datetime import timedelta
from typing import Any

import pytest

from workerless import Dependency, JobType, Payload, RetryAfter, Tracking
from workerless.errors import DeclarationError
from workerless.flow.dependency import Blame, blame_of, spares

SECOND = timedelta(seconds=1)


class Pay(Payload):
    """One payment."""


class BankDownError(Exception):
    """The bank does not answer."""


BANK = Dependency("bank", (BankDownError, TimeoutError))
MAIL = Dependency("mail", (OSError,), spares_attempts=True)


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("name", {"name": "The Bank"}),
        ("trips_on", {"trips_on": ()}),
        ("trips_on", {"trips_on": OSError}),
        ("trips_on", {"trips_on": ("OSError",)}),
        ("failures", {"failures": 0}),
        ("ratio", {"ratio": 0.0}),
        ("ratio", {"ratio": 1.1}),
        ("within", {"within": SECOND / 2}),
        ("open_for", {"open_for": timedelta(hours=2)}),
        ("recovery", {"recovery": -SECOND}),
    ],
)
def test_dependency_that_cannot_be_names_its_field(field: str, options: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match=f"a dependency's {field} must be"):
        Dependency(**{"name": "bank", "trips_on": (OSError,), **options})


@pytest.mark.parametrize(
    ("needs", "options", "told"),
    [
        ([BANK], {}, "a tuple of Dependency"),
        ((BANK, "mail"), {}, "a tuple of Dependency"),
        ((BANK, BANK), {}, "each of another name"),
        (tuple(Dependency(f"n{n}", (OSError,)) for n in range(6)), {}, "at most 5"),
        ((BANK,), {"tracking": Tracking.OFF}, "with tracking off"),
    ],
)
def test_needs_that_cannot_be_are_refused(needs: Any, options: dict[str, Any], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        JobType(name="pay", payload=Pay, needs=needs, **options)


def test_job_type_with_needs_is_gated() -> None:
    assert JobType(name="pay", payload=Pay, needs=(BANK,)).is_gated
    assert not JobType(name="pay", payload=Pay).is_gated


@pytest.mark.parametrize(
    ("error", "needs", "blamed"),
    [
        (BankDownError(), (BANK, MAIL), ("bank",)),
        (TimeoutError(), (BANK, MAIL), ("bank", "mail")),
        (ValueError(), (BANK, MAIL), None),
        (RetryAfter(SECOND), (BANK,), ("bank",)),
        (RetryAfter(SECOND), (BANK, MAIL), None),
        (RetryAfter(SECOND, dependency="mail"), (BANK, MAIL), ("mail",)),
        (RetryAfter(SECOND, dependency="post"), (BANK, MAIL), None),
    ],
)
def test_error_blames_whom_it_speaks_of(
    error: Exception, needs: tuple[Dependency, ...], blamed: tuple[str, ...] | None
) -> None:
    blame = blame_of(error, needs)

    assert (blame.dependencies if blame else None) == blamed
    if blame is not None:
        assert blame.retry_after == (SECOND if isinstance(error, RetryAfter) else None)


def test_attempt_is_spared_where_its_dependency_says_so() -> None:
    assert not spares(None, (MAIL,))
    assert not spares(Blame(dependencies=("bank",)), (BANK, MAIL))
    assert spares(Blame(dependencies=("mail",)), (BANK, MAIL))
