"""signals: what they carry, and what may not be said with them."""

from datetime import timedelta
from typing import Any

import pytest

from workerless.signals import (
    Continue,
    Discard,
    Fail,
    LeaseLost,
    RetryAfter,
    Signal,
    Snooze,
    SoftTimeout,
)

TEN_YEARS = timedelta(days=3650)


@pytest.mark.parametrize("kind", [Snooze, RetryAfter])
@pytest.mark.parametrize("delay", [timedelta(0), timedelta(seconds=1), TEN_YEARS])
def test_delay_from_nothing_to_twelve_hours_is_carried(
    kind: type[Snooze | RetryAfter], delay: timedelta
) -> None:
    assert kind(delay).delay == delay


@pytest.mark.parametrize("kind", [Snooze, RetryAfter])
@pytest.mark.parametrize(
    "delay", [timedelta(microseconds=-1), TEN_YEARS + timedelta(microseconds=1)]
)
def test_delay_out_of_bounds_is_refused(kind: type[Snooze | RetryAfter], delay: timedelta) -> None:
    with pytest.raises(ValueError, match=f"{kind.__name__} delay must be between 0 s and 3650"):
        kind(delay)


@pytest.mark.parametrize("kind", [Discard, Fail])
def test_reason_is_carried_and_shown(kind: type[Discard | Fail]) -> None:
    error = kind("order was cancelled")

    assert (error.reason, str(error)) == ("order was cancelled", "order was cancelled")


@pytest.mark.parametrize("kind", [Discard, Fail])
def test_reason_is_text_whatever_an_untyped_handler_says(kind: type[Discard | Fail]) -> None:
    reason: Any = 404

    assert kind(reason).reason == "404"


def test_retry_after_shows_its_message_or_else_its_delay() -> None:
    assert str(RetryAfter(timedelta(seconds=5), "HTTP 429")) == "HTTP 429"
    assert "0:00:05" in str(RetryAfter(timedelta(seconds=5)))


@pytest.mark.parametrize("kind", [SoftTimeout, LeaseLost])
def test_what_must_stop_a_handler_is_no_exception_it_would_catch(kind: type) -> None:
    assert not issubclass(kind, Exception)


@pytest.mark.parametrize("kind", [Snooze, RetryAfter, Discard, Fail])
def test_what_a_job_says_on_purpose_is_one_family(kind: type) -> None:
    assert issubclass(kind, Signal)


def test_continue_says_where_and_is_swallowed_by_no_except_exception() -> None:
    assert Continue(7).cursor == 7
    assert Continue().cursor is None
    assert not isinstance(Continue(), Exception)
