"""A job that waits for an event: it has come, or the job is parked until it does.

What was found is noted in the record, as a step is: every later attempt of the job finds the same,
however old it is. Until then the note says until when the job waits, counted from its first look.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from workerless.errors import WorkerlessError
from workerless.event import Event, Token, check_name, missed, token_digest
from workerless.event_ports import EventStore
from workerless.execution.admission import Admitted
from workerless.execution.runtime import Runtime
from workerless.execution.steps import OURS, Steps
from workerless.limits import MAX_WAIT
from workerless.misfit import misfit
from workerless.payload import Payload, read_payload, strict_json
from workerless.signals import EventAwaited

MAX_TOKEN_LIFE = timedelta(days=365)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# Of the keys of notes, and in each the time when its wait was over.
PREFIX = f"{OURS}event:"
AT = "at_ms"
_DATA, _MISSED = "data", "missed"
_UNTIL, _GENERATION = "until_ms", "generation"


def wait_for(
    name: str,
    model: type[Payload],
    timeout: timedelta,
    *,
    run: Admitted,
    steps: Steps,
    runtime: Runtime,
) -> Payload | None:
    """The event, None once it was not sent in time. Raises as ``JobContext.wait_for`` does."""
    check_name(name)
    if not timedelta(0) < timeout <= MAX_WAIT:
        raise ValueError(f"timeout must be above 0 s and at most {MAX_WAIT}, got {timeout}")
    _check_tracked(runtime)
    key, generation = _key(name), run.record.generation
    noted: dict[str, Any] = steps.recall(key) or {}
    if _DATA in noted:
        return read_payload(model, noted[_DATA])
    if noted.get(_MISSED) == generation:
        return None
    until = _noted_until(noted, generation)
    event = _decided(name, model, until, run=run, runtime=runtime)
    if event is None:
        now = runtime.ports.clock.now()
        if until is None:
            until = now + timeout
            steps.note(key, {_UNTIL: _milliseconds(until), _GENERATION: generation})
        raise EventAwaited(name, until - now, job_id=run.record.job_id)
    at = _milliseconds(runtime.ports.clock.now())
    if event.data is None:
        steps.note(key, {_MISSED: generation, AT: at})
        return None
    data = strict_json(event.data)
    steps.note(key, {_DATA: data, AT: at})
    return read_payload(model, data)


def make_token(event: str, expires_in: timedelta, *, run: Admitted, runtime: Runtime) -> str:
    """Kept by its digest alone. Raises as ``JobContext.token`` does."""
    check_name(event)
    if not timedelta(0) < expires_in <= MAX_TOKEN_LIFE:
        raise ValueError(
            f"expires_in must be above 0 s and at most {MAX_TOKEN_LIFE}, got {expires_in}"
        )
    _check_tracked(runtime)
    text, now = runtime.ports.new_token(), runtime.ports.clock.now()
    token = Token(job_id=run.record.job_id, name=event, expires_at=now + expires_in)
    runtime.ports.events().put_token(token_digest(text), token)
    return text


def _check_tracked(runtime: Runtime) -> None:
    if not runtime.is_tracked():
        raise WorkerlessError(
            "a job must have a record to be sent an event, and tracking of this job type is off; "
            "use tracking lean or full"
        )


def _decided(
    name: str,
    model: type[Payload],
    until: datetime | None,
    *,
    run: Admitted,
    runtime: Runtime,
) -> Event | None:
    """What stands, or stands from now on since its time is over; None while it may still come.

    One that does not fit the model counts for nothing: whoever sent it may send another.
    """
    record, clock, store = run.record, runtime.ports.clock, runtime.ports.events()
    while True:
        event, now = store.get(record.job_id, name), clock.now()
        if event is None or event.stands_for < record.generation:
            if until is None or now < until:
                return None
            event = store.put(missed(record, name, now))
        if event.data is None or _fits(event, model, store, runtime):
            return event


def _fits(event: Event, model: type[Payload], store: EventStore, runtime: Runtime) -> bool:
    try:
        read_payload(model, strict_json(event.data or ""))
    except ValidationError as error:
        store.void(event)
        runtime.ports.telemetry.trouble(
            "event_refused",
            None,
            job_id=event.job_id,
            name=event.name,
            problem=misfit(error).message,
        )
        return False
    return True


def _noted_until(noted: dict[str, Any], generation: int) -> datetime | None:
    if noted.get(_GENERATION) != generation:
        return None
    return instant_of(noted[_UNTIL])


def instant_of(milliseconds: int) -> datetime:
    """What a note says of a time."""
    return _EPOCH + milliseconds * _MILLISECOND


def _milliseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MILLISECOND


def _key(name: str) -> str:
    """Among the keys of a handler's own steps, which are printable."""
    return f"{PREFIX}{name}"
