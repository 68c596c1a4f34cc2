"""One job of a workflow to be, as its author says it: a job type and what its payload is. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from workerless.asked_lane import asked_lane
from workerless.asked_start import start_by
from workerless.errors import DeclarationError, EnqueueRefusedError
from workerless.job_type import JobType
from workerless.limits import MAX_WAIT
from workerless.payload import Payload
from workerless.tag import checked_tags
from workerless.tracking import Tracking
from workerless.workflow.definition import Path
from workerless.workflow.payload_fields import as_json, checked, keys_by_field
from workerless.workflow.reference import Source, taken, with_holes

if TYPE_CHECKING:
    from workerless.priority import Priority

_SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A job type and some of a payload, as ``JobType.with_`` makes it.

    ``data`` are the fields that are known, with None where ``sources`` say what comes. With
    ``is_whole`` the payload was given as one, and nothing is added to it.
    """

    job_type: JobType[Any, Any]
    data: Mapping[str, Any]
    sources: tuple[tuple[Path, Source], ...] = ()
    is_whole: bool = False
    attempts: int | None = None
    delay: timedelta = timedelta(0)
    lane: str | None = None
    expires_in: timedelta | None = None
    tags: tuple[str, ...] = ()

    def options(
        self,
        *,
        delay: timedelta = timedelta(0),
        attempts: int | None = None,
        priority: "Priority | int | str | None" = None,
        lane: str | None = None,
        expires_in: timedelta | None = None,
        tags: Iterable[str] = (),
    ) -> "Call":
        """The same with what a caller may say of a job when it is enqueued, and as is said there.

        Delay and expiry count from when its step may start. Raises ``DeclarationError``.
        """
        most = self.job_type.retry.attempts
        if attempts is not None and not 1 <= attempts <= most:
            raise self._error("attempts", f"between 1 and the job type's own {most}", attempts)
        if not timedelta(0) <= delay <= MAX_WAIT:
            raise self._error("delay", f"between 0 s and {MAX_WAIT}", delay)
        try:
            return replace(
                self,
                attempts=attempts,
                delay=delay,
                lane=_lane(self.job_type, priority, lane),
                expires_in=_expires_in(self.job_type, expires_in, delay),
                tags=checked_tags(tags),
            )
        except ValueError as error:
            raise DeclarationError(f"{self.job_type.name}: {error}") from error

    def _error(self, field: str, allowed: str, got: object) -> DeclarationError:
        return DeclarationError(f"{self.job_type.name}: {field} must be {allowed}, got {got!r}")


def call_of[P: Payload](
    job_type: JobType[P, Any], payload: P | None, fields: Mapping[str, Any]
) -> Call:
    """A job of this payload, or of these fields of one.

    Raises ``DeclarationError`` for a job type that no workflow can have, for fields that its
    payload has not, and for values that they cannot have.
    """
    name = job_type.name
    _check_type(job_type)
    if payload is not None:
        if fields:
            raise DeclarationError(f"{name}: give a payload or fields of one, not both")
        data = _whole(job_type, payload)
        return _default_options(Call(job_type=job_type, data=data, is_whole=True))
    known = {key for keys in keys_by_field(job_type.payload).values() for key in keys}
    if unknown := sorted(set(fields) - known):
        raise DeclarationError(
            f"{name}: {job_type.payload.__name__} has {', '.join(sorted(known)) or 'no fields'}, "
            f"got {unknown[0]!r}"
        )
    sources = tuple(taken(dict(fields)))
    checked(name, job_type.payload, fields, open_to={str(to[0]) for to, _ in sources})
    data = as_json(name, with_holes(dict(fields)))
    return _default_options(Call(job_type=job_type, data=data, sources=sources))


def _check_type(job_type: JobType[Any, Any]) -> None:
    if job_type.tracking is not Tracking.FULL:
        raise DeclarationError(
            f"{job_type.name}: tracking must be full in a workflow (nothing else tells how its "
            f"jobs end), got {job_type.tracking.value}"
        )
    if job_type.unique is not None:
        raise DeclarationError(
            f"{job_type.name}: unique must be None in a workflow (a step would wait for the job "
            "that was there before), got a rule"
        )


def _whole(job_type: JobType[Any, Any], payload: Payload) -> Any:
    try:
        return as_json(job_type.name, job_type.data(payload))
    except EnqueueRefusedError as error:
        raise DeclarationError(str(error)) from error


def _default_options(call: Call) -> Call:
    """What holds of a job that nobody says more of."""
    job_type = call.job_type
    return replace(call, lane=_lane(job_type, None, None), expires_in=job_type.expires_in)


def _lane(
    job_type: JobType[Any, Any], priority: "Priority | int | str | None", lane: str | None
) -> str | None:
    lanes = job_type.lanes
    return asked_lane(
        job_type.name,
        lanes.weights if lanes else (),
        default=lanes.default if lanes else None,
        priority=priority,
        lane=lane,
    )


def _expires_in(
    job_type: JobType[Any, Any], expires_in: timedelta | None, delay: timedelta
) -> timedelta | None:
    asked = job_type.expires_in if expires_in is None else expires_in
    start_by(asked, delay, _SOME_TIME)
    return asked
