"""Whether and when a failed attempt is repeated: pure functions of (attempt, error, clock, rng)."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from random import Random

from workerless.backoff import Backoff
from workerless.frozen import frozen
from workerless.signals import RetryAfter


@frozen
class Retries:
    """All that decides whether and when a failed attempt is repeated.

    ``by_error`` picks another backoff for an exception class and its subclasses (the nearest
    class wins); it changes waits, never the number of attempts. ``give_up_on`` ends the job at the
    first such error. ``within`` ends it when the next attempt would start later than that after
    the job's first start.
    """

    policy: Backoff
    by_error: Mapping[type[BaseException], Backoff] = field(default_factory=dict)
    give_up_on: tuple[type[BaseException], ...] = ()
    within: timedelta | None = None


@frozen
class Retry:
    """Try again after ``delay``."""

    delay: timedelta


@frozen
class GiveUp:
    """Do not try again; ``reason`` is one word for the record and the dead letter."""

    reason: str


def plan(
    retries: Retries,
    *,
    attempt: int,
    max_attempts: int,
    error: BaseException,
    first_started_at: datetime,
    now: datetime,
    rng: Random,
) -> Retry | GiveUp:
    """What follows failed attempt ``attempt`` (from 1) of a job allowed ``max_attempts``."""
    if isinstance(error, retries.give_up_on):
        return GiveUp(reason="gave_up")
    if attempt >= max_attempts:
        return GiveUp(reason="attempts_exhausted")
    delay = next_delay(_backoff_for(retries, error), attempt, error, rng)
    if retries.within is not None and now - first_started_at + delay > retries.within:
        return GiveUp(reason="retry_window_over")
    return Retry(delay=delay)


def next_delay(backoff: Backoff, attempt: int, error: BaseException, rng: Random) -> timedelta:
    """The wait after failed attempt ``attempt``: capped, spread by jitter, from 0 s to 10 years.

    A ``RetryAfter`` is waited for in full: the other side knows better than any formula.
    """
    if isinstance(error, RetryAfter):
        return error.delay
    wait = _capped(backoff, attempt, error)
    low, high = backoff.jitter.value
    return min(wait * rng.uniform(low, high), backoff.cap)


def _capped(backoff: Backoff, attempt: int, error: BaseException) -> timedelta:
    try:
        return min(max(backoff.wait(attempt, error), timedelta(0)), backoff.cap)
    except Exception:  # noqa: BLE001 -- an overflow, or a team's own function: the job must not hang on it
        return backoff.cap


def _backoff_for(retries: Retries, error: BaseException) -> Backoff:
    for kind in type(error).__mro__:
        if kind in retries.by_error:
            return retries.by_error[kind]
    return retries.policy
