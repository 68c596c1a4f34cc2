"""deliver_webhook: what each answer of a receiver means."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.deliver_webhook.answer import ReceiverNotReady, judge, read_retry_after
from workerless import Fail, RetryAfter


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_success_raises_nothing(status: int, now: datetime) -> None:
    assert judge(status, retry_after=None, now=now) is None


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_passing_refusal_is_retried(status: int, now: datetime) -> None:
    problem = judge(status, retry_after=None, now=now)

    assert isinstance(problem, ReceiverNotReady)
    assert str(problem) == f"receiver answered {status}"


@pytest.mark.parametrize("status", [300, 301, 307, 308, 400, 401, 403, 404, 410, 422, 451])
def test_redirect_or_lasting_refusal_fails_for_good(status: int, now: datetime) -> None:
    problem = judge(status, retry_after="5", now=now)

    assert isinstance(problem, Fail)
    assert problem.reason == f"receiver answered {status}, and would again"


@pytest.mark.parametrize("status", [429, 503])
def test_receiver_that_says_when_is_heard(status: int, now: datetime) -> None:
    problem = judge(status, retry_after="120", now=now)

    assert isinstance(problem, RetryAfter)
    assert problem.delay == timedelta(seconds=120)


def test_other_faults_are_not_asked_when(now: datetime) -> None:
    assert isinstance(judge(500, retry_after="120", now=now), ReceiverNotReady)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        (None, None),
        ("", None),
        ("0", None),
        ("1", timedelta(seconds=1)),
        ("43201", timedelta(hours=12)),
        ("9" * 10, timedelta(hours=12)),
        ("9" * 11, None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("\u0663", None),
        ("Fri, 20 Nov 2026 02:00:30 GMT", timedelta(seconds=30)),
        ("Fri, 20 Nov 2026 02:00:30 -0000", timedelta(seconds=30)),
        ("Fri, 20 Nov 2026 03:00:30 +0100", timedelta(seconds=30)),
        ("Fri, 20 Nov 2026 01:59:59 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(hours=12)),
        ("Fri, 99 Nov 2026 02:00:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    text: str | None, wait: timedelta | None, now: datetime
) -> None:
    assert read_retry_after(text, now) == wait


@given(text=st.text())
def test_no_retry_after_breaks_or_waits_too_long(text: str) -> None:
    now = datetime.fromisoformat("2026-11-20T02:00:00+00:00")

    wait = read_retry_after(text, now)

    assert wait is None or timedelta(0) < wait <= timedelta(hours=12)
