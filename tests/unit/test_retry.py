"""retry: whether a failed attempt is repeated, and which backoff says when."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from workerless.backoff import Computed, Fixed, Jitter
from workerless.retry import GiveUp, Retries, Retry, next_delay, plan
from workerless.signals import RetryAfter

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def wait(seconds: float) -> Fixed:
    return Fixed(delay=timedelta(seconds=seconds), jitter=Jitter.NONE)


def planned(
    retries: Retries,
    error: BaseException,
    *,
    attempt: int = 1,
    max_attempts: int = 3,
    age: timedelta = timedelta(0),
) -> Retry | GiveUp:
    return plan(
        retries,
        attempt=attempt,
        max_attempts=max_attempts,
        error=error,
        first_started_at=NOW - age,
        now=NOW,
        rng=Random(1),
    )


class ThrottledError(ConnectionError):
    """Below ConnectionError, which is below OSError."""


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (OSError(), 10),
        (ConnectionError(), 20),
        (ThrottledError(), 20),
        (TimeoutError(), 10),
        (ValueError(), 1),
        (SystemExit(), 1),
    ],
)
def test_nearest_class_chooses_the_backoff(error: BaseException, seconds: int) -> None:
    retries = Retries(policy=wait(1), by_error={OSError: wait(10), ConnectionError: wait(20)})

    assert planned(retries, error) == Retry(delay=timedelta(seconds=seconds))


def test_backoff_by_error_does_not_change_the_number_of_attempts() -> None:
    retries = Retries(policy=wait(1), by_error={OSError: Fixed(attempts=1)})

    assert isinstance(planned(retries, OSError(), attempt=2), Retry)


@pytest.mark.parametrize(
    ("attempt", "max_attempts", "expected"),
    [
        (1, 1, GiveUp(reason="attempts_exhausted")),
        (1, 2, Retry(delay=timedelta(seconds=1))),
        (2, 2, GiveUp(reason="attempts_exhausted")),
    ],
)
def test_last_attempt_is_the_one_numbered_max_attempts(
    attempt: int, max_attempts: int, expected: object
) -> None:
    answer = planned(
        Retries(policy=wait(1)), ValueError(), attempt=attempt, max_attempts=max_attempts
    )

    assert answer == expected


def test_error_to_give_up_on_ends_the_job_at_once_subclasses_included() -> None:
    retries = Retries(policy=wait(1), give_up_on=(LookupError,))

    assert planned(retries, KeyError()) == GiveUp(reason="gave_up")


def test_giving_up_is_the_reason_even_of_a_last_attempt() -> None:
    retries = Retries(policy=wait(1), give_up_on=(KeyError,))

    assert planned(retries, KeyError(), attempt=3) == GiveUp(reason="gave_up")


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), Retry(delay=MINUTE)),
        (MINUTE * 9, Retry(delay=MINUTE)),
        (MINUTE * 9 + timedelta(microseconds=1), GiveUp(reason="retry_window_over")),
    ],
)
def test_no_attempt_starts_later_than_the_window(age: timedelta, expected: object) -> None:
    retries = Retries(policy=wait(60), within=MINUTE * 10)

    assert planned(retries, ValueError(), age=age) == expected


def test_window_counts_what_the_other_side_asked_for() -> None:
    retries = Retries(policy=wait(1), within=MINUTE * 10)

    assert planned(retries, RetryAfter(MINUTE * 11)) == GiveUp(reason="retry_window_over")


def test_window_as_long_as_time_itself_never_ends() -> None:
    retries = Retries(policy=wait(1), within=timedelta.max)

    assert isinstance(planned(retries, ValueError()), Retry)


def test_retry_after_spends_an_attempt() -> None:
    error = RetryAfter(MINUTE)

    assert planned(Retries(policy=wait(1)), error) == Retry(delay=MINUTE)
    assert planned(Retries(policy=wait(1)), error, attempt=3) == GiveUp(reason="attempts_exhausted")


def raises(attempt: int, error: BaseException) -> timedelta:
    raise KeyError(attempt)


@pytest.mark.parametrize("broken", [raises, lambda *_: "soon", lambda *_: None])
def test_backoff_that_breaks_waits_its_cap(broken: Callable[..., Any]) -> None:
    backoff = Computed(function=broken, cap=MINUTE)

    assert next_delay(backoff, 1, ValueError(), Random(1)) == MINUTE
