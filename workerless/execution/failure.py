"""An exception as a record can keep it: short, valid text, no local variables."""

import traceback
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from workerless.record import (
    MAX_MESSAGE_CHARACTERS,
    MAX_TRACEBACK_CHARACTERS,
    AttemptError,
)

_MAX_FIELDS = 10


def describe(error: BaseException, *, attempt: int, at: datetime) -> AttemptError:
    """What is kept of ``error``: its class, its message and the end of its traceback."""
    return AttemptError(
        attempt=attempt,
        at=at,
        error_type=_clean(type(error).__qualname__, MAX_MESSAGE_CHARACTERS),
        message=_clean(_message(error), MAX_MESSAGE_CHARACTERS),
        traceback=_traceback(error),
    )


def invalid_payload(error: ValidationError) -> str:
    """Which fields are wrong and why, never what they hold: payloads stay out of logs and DLQs."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'payload'}: {problem['msg']}"
        for problem in problems[:_MAX_FIELDS]
    ]
    more = len(problems) - _MAX_FIELDS
    return "; ".join([*shown, f"and {more} more"] if more > 0 else shown)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 -- the error's own __str__ is a job's code too
        return "(its message could not be shown)"


def _traceback(error: BaseException) -> str:
    """The innermost frames: a recursion of a thousand frames says no more than its last ten."""
    frames = traceback.extract_tb(error.__traceback__)[-10:]
    text = "".join(traceback.format_list(frames))
    return _clean(text, MAX_TRACEBACK_CHARACTERS, keep_end=True)


def _clean(text: Any, limit: int, *, keep_end: bool = False) -> str:
    """Valid UTF-8 (a lone surrogate is spelled out) of at most ``limit`` characters."""
    valid = str(text).encode("utf-8", "backslashreplace").decode()
    return valid[-limit:] if keep_end else valid[:limit]
