"""backoff and jitter: laws of every wait, whatever the policy, attempt and chance."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

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
from workerless.limits import MAX_VISIBILITY
from workerless.retry import next_delay
from workerless.signals import RetryAfter

LAW = settings(deadline=None)
ERROR = ValueError("boom")
ZERO = timedelta(0)
ROUNDING = timedelta(microseconds=1)

attempts = st.integers(1, 100)
# Even waits that no clock can hold are legal: the cap bounds them.
waits = st.timedeltas(ZERO, timedelta.max) | st.timedeltas(ZERO, timedelta(hours=1))
shared: dict[str, Any] = {
    "attempts": attempts,
    "cap": st.timedeltas(timedelta(microseconds=1), MAX_VISIBILITY),
    "jitter": st.sampled_from(Jitter),
}
growing = st.one_of(
    st.builds(Exponential, first=waits, factor=st.floats(1), **shared),
    st.builds(Linear, first=waits, **shared),
    st.builds(Fixed, delay=waits, **shared),
    st.builds(Polynomial, unit=waits, power=st.floats(0, 10, exclude_min=True), **shared),
)
lists = st.builds(
    Listed,
    delays=st.lists(waits, min_size=1, max_size=99).map(tuple),
    cap=shared["cap"],
    jitter=shared["jitter"],
)
functions = st.functions(like=lambda attempt, error: ZERO, returns=st.timedeltas(), pure=True)
policies = growing | lists | st.builds(Computed, function=functions, **shared)


class Extreme(Random):
    """Chance at its worst: always the low or always the high end."""

    def __init__(self, *, high: bool) -> None:
        super().__init__(0)
        self._high = high

    def uniform(self, a: float, b: float) -> float:
        return b if self._high else a


chances = st.builds(Random, st.integers()) | st.builds(Extreme, high=st.booleans())


def unjittered(policy: Any, attempt: int) -> timedelta:
    return next_delay(replace(policy, jitter=Jitter.NONE), attempt, ERROR, Random(0))


@LAW
@given(policies, attempts, chances)
def test_wait_is_never_negative_and_never_above_the_cap(
    policy: Backoff, attempt: int, rng: Random
) -> None:
    assert ZERO <= next_delay(policy, attempt, ERROR, rng) <= policy.cap


@LAW
@given(policies, attempts, chances)
def test_jitter_stays_within_its_bounds_around_the_wait(
    policy: Backoff, attempt: int, rng: Random
) -> None:
    wait = unjittered(policy, attempt)
    low, high = {
        Jitter.NONE: (wait, wait),
        Jitter.FULL: (ZERO, wait),
        Jitter.TWENTY_PERCENT: (wait * 0.8, min(wait * 1.2, policy.cap)),
    }[policy.jitter]

    delay = next_delay(policy, attempt, ERROR, rng)

    assert low - ROUNDING <= delay <= high + ROUNDING


@LAW
@given(policies, attempts, st.integers())
def test_same_chance_gives_the_same_wait(policy: Backoff, attempt: int, seed: int) -> None:
    first, second = (next_delay(policy, attempt, ERROR, Random(seed)) for _ in range(2))

    assert first == second


@LAW
@given(growing, st.integers(1, 99))
def test_wait_before_jitter_never_shrinks(policy: Backoff, attempt: int) -> None:
    assert unjittered(policy, attempt) <= unjittered(policy, attempt + 1)


@LAW
@given(lists, attempts)
def test_listed_wait_is_one_of_the_list_or_the_cap(policy: Listed, attempt: int) -> None:
    assert unjittered(policy, attempt) in {*policy.delays, policy.cap}


@LAW
@given(policies, attempts, chances, st.timedeltas(ZERO, MAX_VISIBILITY))
def test_retry_after_is_waited_for_exactly(
    policy: Backoff, attempt: int, rng: Random, asked: timedelta
) -> None:
    assert next_delay(policy, attempt, RetryAfter(asked), rng) == asked
