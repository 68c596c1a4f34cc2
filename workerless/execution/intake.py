"""From the data of a message to the payload that a handler is given, or why there is none."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from workerless.execution.admission import Admitted
from workerless.execution.failure import describe, hiding_refused, invalid_payload
from workerless.execution.redeliver import is_worn
from workerless.execution.runtime import Runtime
from workerless.job_type import JobType
from workerless.message import Message
from workerless.outcome import Deferred, Failed
from workerless.payload import Payload, read_payload
from workerless.record import MAX_MESSAGE_CHARACTERS, AttemptError

# While a release rolls out, producers may be ahead of workers; its end brings the code that can.
_NEWER_DELAY = timedelta(minutes=1)
_NEWER_PATIENCE = timedelta(hours=1)
# Noted with the job's errors once, when the hour begins.
_NEWER = "NewerVersion"


def take_in(run: Admitted, runtime: Runtime) -> Payload | Failed | Deferred:
    """The payload, lifted to the present version and checked; nothing a model raises escapes."""
    message, job_type = run.arrival.message, runtime.job_type
    if run.arrival.problem is not None:
        return Failed(
            reason=run.arrival.problem.reason, error=_error(run.arrival.problem, run, runtime)
        )
    try:
        payload: Payload = read_payload(job_type.payload, _present(message, job_type))
    except ValidationError as error:
        return _misfit(error, run, runtime)
    except BaseException as error:  # noqa: BLE001 -- validators and upcasters are a team's own code
        return Failed(reason="invalid_payload", error=_error(error, run, runtime))
    return payload


def _present(message: Message, job_type: JobType[Any, Any]) -> Mapping[str, Any]:
    """The data as the present version would have it."""
    if not job_type.upcasters:
        return message.data
    from workerless.upcast import upcast  # noqa: PLC0415 -- few job types had another version

    return upcast(
        message.data,
        version=message.version,
        present=job_type.version,
        upcasters=job_type.upcasters,
    )


def _misfit(error: ValidationError, run: Admitted, runtime: Runtime) -> Failed | Deferred:
    """A payload that does not fit fails; one of a later version gets time for its worker."""
    is_newer = (run.arrival.message.version or 0) > runtime.job_type.version
    told = AttemptError(
        attempt=run.record.attempt,
        at=runtime.ports.clock.now(),
        error_type="ValidationError",
        message=invalid_payload(error)[:MAX_MESSAGE_CHARACTERS],
    )
    if is_newer and _is_patient(run, runtime):
        noted = None if _waits_since(run) else replace(told, error_type=_NEWER)
        return Deferred(delay=_NEWER_DELAY, why="newer_version", error=noted)
    return Failed(reason="newer_version" if is_newer else "invalid_payload", error=told)


def _is_patient(run: Admitted, runtime: Runtime) -> bool:
    """Whether the job may wait on; without a record only its message tells how long it has."""
    if not runtime.is_tracked():
        return not is_worn(run.arrival, _NEWER_DELAY, runtime)
    now = runtime.ports.clock.now()
    return now - (_waits_since(run) or now) < _NEWER_PATIENCE


def _waits_since(run: Admitted) -> datetime | None:
    """When a worker first met the job and could not read it."""
    return next((one.at for one in run.record.errors if one.error_type == _NEWER), None)


def _error(error: BaseException, run: Admitted, runtime: Runtime) -> AttemptError:
    at, secrets = runtime.ports.clock.now(), hiding_refused(run, runtime).secrets
    return describe(error, attempt=run.record.attempt, at=at, secrets=secrets)
