"""Whole lives of failing jobs: waits in bounds, attempts and window kept; wrong ones are caught."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.property.machines.retry_machine import RetryMachine
from tests.property.machines.sizes import HUNTED, PLAYED
from workerless import retry
from workerless.backoff import Backoff

_plan, _next_delay, _capped = retry.plan, retry.next_delay, retry._capped  # noqa: SLF001 -- what a wrong one is made of


def test_waits_attempts_and_window_are_kept() -> None:
    run_state_machine_as_test(RetryMachine, settings=PLAYED)


def _uncapped(backoff: Backoff, attempt: int, error: BaseException, rng: Random) -> timedelta:
    return backoff.wait(attempt, error) * rng.uniform(*backoff.jitter.value)


def _late(backoff: Backoff, attempt: int, error: BaseException) -> timedelta:
    return _capped(backoff, attempt + 1, error)


def _jitterless_bounds(backoff: Backoff, attempt: int, error: BaseException, rng: Random) -> Any:
    return _next_delay(backoff, attempt, error, rng) * 1.5


def _one_too_many(retries: Any, **facts: Any) -> Any:
    return _plan(retries, **{**facts, "max_attempts": facts["max_attempts"] + 1})


def _no_window(retries: Any, **facts: Any) -> Any:
    return _plan(retries, **{**facts, "now": facts["first_started_at"]})


WRONG: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "no cap": ("next_delay", _uncapped),
    "the wait of the next attempt": ("_capped", _late),
    "jitter beyond its bounds": ("next_delay", _jitterless_bounds),
    "an attempt too many": ("plan", _one_too_many),
    "no window": ("plan", _no_window),
}


@pytest.mark.parametrize(("name", "wrong"), WRONG.values(), ids=WRONG)
def test_wrong_retry_is_caught(
    name: str, wrong: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, name, wrong)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(RetryMachine, settings=HUNTED)
