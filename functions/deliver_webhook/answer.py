"""What a receiver's answer means for the job."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from workerless import Fail, RetryAfter
from workerless.limits import MAX_VISIBILITY

_SAYS_WHEN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_PASSING = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
_SECONDS = re.compile(r"[0-9]{1,10}")


class ReceiverNotReady(Exception):
    """The receiver did not take the event this time."""


def judge(status: int, *, retry_after: str | None, now: datetime) -> Exception | None:
    """What to raise for ``status``; None for 200 to 299.

    A redirect fails the job like any other answer that stays as it is: following one would lead
    where the caller did not say.
    """
    if HTTPStatus(200) <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if status in _SAYS_WHEN and (delay := read_retry_after(retry_after, now)):
        return RetryAfter(delay, f"receiver answered {status}, to come back after {delay}")
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ReceiverNotReady(f"receiver answered {status}")
    return Fail(f"receiver answered {status}, and would again")


def read_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """The wait a ``Retry-After`` asks for, at most 12 h; None when it asks for none.

    Seconds or a date (RFC 9110, section 10.2.3). What is neither, or already past, asks for none.
    """
    if text is None:
        return None
    if _SECONDS.fullmatch(text):
        wait = timedelta(seconds=min(int(text), MAX_VISIBILITY.total_seconds()))
    else:
        try:
            at = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        wait = min((at if at.tzinfo else at.replace(tzinfo=UTC)) - now, MAX_VISIBILITY)
    return wait if wait > timedelta(0) else None
