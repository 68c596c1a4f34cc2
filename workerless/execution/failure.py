"""An exception as a record can keep it, and as a file can: valid text, no local variables."""

import sys
import traceback
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from workerless.frozen import replace
from workerless.limits import MAX_ERROR_FILE_BYTES
from workerless.payload import Payload, Result
from workerless.record import (
    MAX_MESSAGE_CHARACTERS,
    MAX_TRACEBACK_CHARACTERS,
    AttemptError,
)

if TYPE_CHECKING:
    from workerless.execution.admission import Admitted
    from workerless.execution.runtime import Runtime

_MAX_FIELDS = 10
_MAX_FRAMES = 10
_CUT = b"\n[...]\n"


def hiding(
    runs: "Sequence[Admitted]", runtime: "Runtime", payloads: Sequence[Payload] = ()
) -> "Runtime":
    """``runtime`` as it tells of what went wrong with these jobs: without a sensitive value.

    ``payloads`` are what their handlers were given: models change values, and have defaults.
    """
    if "workerless.sensitive" not in sys.modules:  # so no payload here has any
        return runtime
    from workerless.execution.secrets import secrets_of  # noqa: PLC0415 -- as it says

    found = secrets_of(runs, runtime.job_type).union(*map(secrets_in, payloads))
    return replace(runtime, secrets=runtime.secrets | found)


def hiding_refused(run: "Admitted", runtime: "Runtime") -> "Runtime":
    """The same of a job whose payload its model, or an upcaster, refused."""
    if "workerless.sensitive" not in sys.modules:  # as above
        return runtime
    from workerless.execution.secrets import refused  # noqa: PLC0415 -- as it says

    return replace(runtime, secrets=runtime.secrets | refused(run, runtime.job_type))


def secrets_in(model: Payload | Result) -> frozenset[str]:
    """Its sensitive values, as texts."""
    if "workerless.sensitive" not in sys.modules:  # as above
        return frozenset()
    from workerless.sensitive import paths_of, texts  # noqa: PLC0415 -- it is there already

    hidden = paths_of(type(model))
    if not hidden:
        return frozenset()
    try:
        as_json, as_python = (
            model.model_dump(mode=mode, by_alias=True, warnings=False)
            for mode in ("json", "python")
        )
    except Exception:  # noqa: BLE001 -- a serializer may be a team's own code
        from workerless.execution.secrets import all_of  # noqa: PLC0415 -- as above

        return all_of(model)
    return frozenset(texts(as_json, hidden) | texts(as_python, hidden))


def censored(text: str, secrets: frozenset[str]) -> str:
    """``text`` without ``secrets``."""
    if not secrets:
        return text
    from workerless.sensitive_text import without  # noqa: PLC0415 -- only who has secrets

    return without(text, secrets)


def describe(
    error: BaseException, *, attempt: int, at: datetime, secrets: frozenset[str] = frozenset()
) -> AttemptError:
    """What is kept of ``error``: its class, its message and the end of its traceback."""
    return AttemptError(
        attempt=attempt,
        at=at,
        error_type=_clean(type(error).__qualname__, MAX_MESSAGE_CHARACTERS),
        message=_clean(censored(_message(error), secrets), MAX_MESSAGE_CHARACTERS),
        traceback=_traceback(error),
    )


def whole_text(error: BaseException, secrets: frozenset[str] = frozenset()) -> bytes | None:
    """All that ``error`` says, with every frame and the errors it came from, at most 256 KiB.

    None where ``describe`` leaves nothing out.
    """
    text, has_more = _frames(error)
    is_chained = error.__cause__ is not None or (
        error.__context__ is not None and not error.__suppress_context__
    )
    is_cut = len(_message(error)) > MAX_MESSAGE_CHARACTERS or len(text) > MAX_TRACEBACK_CHARACTERS
    if not (has_more or is_chained or is_cut):
        return None
    try:
        told = "".join(traceback.format_exception(error))
    except BaseException:  # noqa: BLE001 -- as below: what an error says of itself is a job's code
        return None
    data = censored(told, secrets).encode("utf-8", "backslashreplace")
    half = MAX_ERROR_FILE_BYTES // 2 - len(_CUT)
    return data if len(data) <= MAX_ERROR_FILE_BYTES else data[:half] + _CUT + data[-half:]


def invalid_payload(error: ValidationError) -> str:
    """Which fields are wrong and why, never what they hold: payloads stay out of logs and DLQs."""
    from workerless.misfit import first_misfit  # noqa: PLC0415 -- few payloads do not fit

    problems = error.errors(include_url=False, include_input=False)
    shown = [str(first_misfit(problem, below="payload")) for problem in problems[:_MAX_FIELDS]]
    more = len(problems) - _MAX_FIELDS
    return "; ".join([*shown, f"and {more} more"] if more > 0 else shown)


def place_of(error: BaseException) -> str:
    """Its innermost frames, without a word of what it says."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " < ".join(f"{one.name} ({one.filename}:{one.lineno})" for one in reversed(frames))


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 -- the error's own __str__ is a job's code too
        return "(its message could not be shown)"


def _traceback(error: BaseException) -> str:
    """The innermost frames: a recursion of a thousand frames says no more than its last ten."""
    return _clean(_frames(error)[0], MAX_TRACEBACK_CHARACTERS, keep_end=True)


def _frames(error: BaseException) -> tuple[str, bool]:
    """The last frames, and whether there were more."""
    frames = traceback.extract_tb(error.__traceback__)
    return "".join(traceback.format_list(frames[-_MAX_FRAMES:])), len(frames) > _MAX_FRAMES


def _clean(text: Any, limit: int, *, keep_end: bool = False) -> str:
    """Valid UTF-8 (a lone surrogate is spelled out) of at most ``limit`` characters."""
    valid = str(text).encode("utf-8", "backslashreplace").decode()
    return valid[-limit:] if keep_end else valid[:limit]
