"""backoff: the curves, spelled out, and what they refuse when declared."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from workerless.backoff import (
    Backoff,
    Computed,
    Exponential,
    Fixed,
    Jitter,
    Linear,
    Listed,
    Polynomial,
)
from workerless.errors import DeclarationError

SECOND = timedelta(seconds=1)
ERROR = ValueError("boom")
BELOW_ZERO = timedelta(seconds=-1)
TOO_LONG = timedelta(days=3650, seconds=1)


def seconds(backoff: Backoff, count: int = 5) -> list[float]:
    return [backoff.wait(attempt, ERROR) / SECOND for attempt in range(1, count + 1)]


@pytest.mark.parametrize(
    ("backoff", "waits"),
    [
        (Exponential(), [2, 4, 8, 16, 32]),
        (Exponential(first=SECOND), [1, 2, 4, 8, 16]),
        (Exponential(first=SECOND, factor=1), [1, 1, 1, 1, 1]),
        (Linear(), [2, 4, 6, 8, 10]),
        (Fixed(delay=timedelta(seconds=7)), [7, 7, 7, 7, 7]),
        (Listed(delays=(SECOND, SECOND * 5, SECOND * 30)), [1, 5, 30, 30, 30]),
        (Polynomial(), [1, 8, 27, 64, 125]),
        (Polynomial(power=1, unit=SECOND * 3), [3, 6, 9, 12, 15]),
        (Computed(function=lambda attempt, _error: SECOND * (10 - attempt)), [9, 8, 7, 6, 5]),
    ],
)
def test_curve_gives_exactly_its_waits(backoff: Backoff, waits: list[float]) -> None:
    assert seconds(backoff) == waits


@pytest.mark.parametrize("backoff", [Exponential(), Linear(), Fixed(), Polynomial()])
def test_default_is_three_attempts_capped_at_fifteen_minutes(backoff: Backoff) -> None:
    assert (backoff.attempts, backoff.cap) == (3, timedelta(minutes=15))


def test_curves_that_grow_are_fully_jittered_and_chosen_waits_are_nearly_kept() -> None:
    assert {Exponential().jitter, Linear().jitter, Polynomial().jitter} == {Jitter.FULL}
    assert {Fixed().jitter, Listed(delays=(SECOND,)).jitter} == {Jitter.TWENTY_PERCENT}
    assert Computed(function=lambda *_: SECOND).jitter is Jitter.NONE


def test_list_has_one_attempt_more_than_waits() -> None:
    assert Listed(delays=(SECOND, SECOND * 5, SECOND * 30)).attempts == 4


def test_computed_wait_may_depend_on_the_error() -> None:
    backoff = Computed(function=lambda _attempt, error: SECOND * len(str(error)))

    assert backoff.wait(1, ValueError("four")) == SECOND * 4


@pytest.mark.parametrize(
    ("declare", "words"),
    [
        (lambda: Exponential(attempts=0), "attempts must be between 1 and 100, got 0"),
        (lambda: Linear(attempts=101), "attempts must be between 1 and 100, got 101"),
        (lambda: Fixed(attempts=-1), "attempts must be between 1 and 100, got -1"),
        (lambda: Listed(delays=(SECOND,) * 100), "attempts must be .* got 101"),
        (lambda: Polynomial(cap=timedelta(0)), "cap must be above 0 s .* got 0:00:00"),
        (
            lambda: Computed(function=lambda *_: SECOND, cap=TOO_LONG),
            "cap must be .* 3650 days, 0:00:01",
        ),
        (lambda: Exponential(first=BELOW_ZERO), "must not be negative, got -1 day"),
        (lambda: Linear(first=BELOW_ZERO), "must not be negative"),
        (lambda: Fixed(delay=BELOW_ZERO), "must not be negative"),
        (lambda: Polynomial(unit=BELOW_ZERO), "must not be negative"),
        (lambda: Listed(delays=(SECOND, BELOW_ZERO)), "must not be negative"),
        (lambda: Listed(delays=()), "delays must hold at least one wait"),
        (lambda: Exponential(factor=0.99), "factor must be at least 1, got 0.99"),
        (lambda: Exponential(factor=float("nan")), "factor must be at least 1, got nan"),
        (lambda: Polynomial(power=0), "power must be above 0 and at most 10, got 0"),
        (lambda: Polynomial(power=10.1), "power must be .* got 10.1"),
        (lambda: Polynomial(power=float("nan")), "power must be .* got nan"),
    ],
)
def test_what_cannot_be_is_refused_when_declared(
    declare: Callable[[], Backoff], words: str
) -> None:
    with pytest.raises(DeclarationError, match=words):
        declare()
