"""Telling the world what became of a job: hooks, and one structured line a transition."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from workerless.execution.admission import Admitted
from workerless.execution.arrival import Arrival
from workerless.execution.failure import place_of
from workerless.execution.runtime import Runtime
from workerless.hooks import Hooks, JobInfo, Kpi
from workerless.origin import told_of
from workerless.outcome import (
    Awaiting,
    Cancelled,
    Completed,
    Deferred,
    Failed,
    Held,
    Lost,
    Outcome,
    Retried,
    Snoozed,
    Waiting,
)
from workerless.record import Record

if TYPE_CHECKING:
    from workerless.execution.tracing import Told

_MILLISECOND = timedelta(milliseconds=1)
# Where the trace id stands in W3C's traceparent.
_TRACE = slice(3, 35)
_UNKNOWN = {"outcome": "unknown", "reason": "store_unavailable"}
_DEATHS = ("crash_loop", "unknown_outcome")


def started(run: Admitted, runtime: Runtime) -> None:
    """A handler is about to be called."""
    record = run.record
    _line("started", run, record, runtime, wait_ms=_milliseconds(record.run_at, record.started_at))
    if runtime.hooks:
        info = _info(record)
        _call(run, runtime, "on_start", lambda hooks: hooks.on_start and hooks.on_start(info))


def settled(outcome: Outcome, run: Admitted, record: Record, runtime: Runtime) -> None:
    """``record`` says how the attempt ended that ``run`` was."""
    _line(
        type(outcome).__name__.lower(),
        run,
        record,
        runtime,
        duration_ms=_milliseconds(_began(outcome, record), record.updated_at),
        **_details(outcome),
    )
    _trace(outcome, run.arrival, record, runtime)
    if runtime.hooks:
        _call(run, runtime, "hook", _hook(outcome, _info(record)))
        if isinstance(outcome, Completed | Failed):
            kpi = _kpi(outcome, record)
            _call(run, runtime, "on_kpi", lambda hooks: hooks.on_kpi and hooks.on_kpi(kpi))


def held(outcome: Outcome, arrival: Arrival, record: Record | None, runtime: Runtime) -> None:
    """A delivery ended without a run: deferred, a duplicate, or without its record."""
    trace = arrival.message.traceparent
    runtime.ports.telemetry.transition(
        {
            "event": f"job.{type(outcome).__name__.lower()}",
            "job_id": arrival.message.job_id,
            "job_type": runtime.job_type.name,
            "queue": runtime.ports.queue_address.rpartition("/")[2],  # its name
            "message_id": arrival.message_id,
            "receive_count": arrival.receive_count,
            "state": str(record.state) if record else None,
            "attempt": 0 if isinstance(outcome, Lost) else None,
            "correlation_id": arrival.message.correlation_id,
            "trace_id": trace[_TRACE] if trace else None,
            "xray_trace_id": runtime.trace_id,
            **_details(outcome),
        }
    )
    _trace(outcome, arrival, record, runtime)


def unknown(run: Admitted, runtime: Runtime) -> None:
    """Nobody knows what the record of an attempt says; a line tells already what was in the way."""
    _trace(None, run.arrival, run.record, runtime)


def _line(
    event: str, run: Admitted, record: Record, runtime: Runtime, **more: str | float | None
) -> None:
    trace = run.arrival.message.traceparent
    runtime.ports.telemetry.transition(
        {
            "event": f"job.{event}",
            "job_id": record.job_id,
            "job_type": record.job_type,
            "queue": runtime.ports.queue_address.rpartition("/")[2],  # its name
            "state": str(record.state),  # the same as its value, in a tenth of the time
            "attempt": record.attempt,
            "max_attempts": record.max_attempts,
            "correlation_id": record.correlation_id,
            "tenant": record.tenant,
            "trace_id": trace[_TRACE] if trace else None,
            "xray_trace_id": runtime.trace_id,
            **more,
        }
    )


def _details(outcome: Outcome) -> dict[str, str | float | None]:
    """What is ours to tell: a job's own words, as in ``Discard``, may quote its payload."""
    match outcome:
        case Retried(delay=delay, error=error):
            return {"delay_ms": _ms(delay), "error_type": error.error_type}
        case Failed(reason=reason, error=error) | Held(reason=reason, error=error):
            return {"reason": reason, "error_type": error.error_type}
        case Snoozed(delay=delay):
            return {"delay_ms": _ms(delay)}
        case (
            Deferred(delay=delay, why=why)
            | Waiting(delay=delay, why=why)
            | Awaiting(delay=delay, why=why)
        ):
            return {"delay_ms": _ms(delay), "reason": why}
        case Lost(reason=reason) | Cancelled(reason="expired" as reason):
            return {"reason": reason}
        case _:
            return {}


def _told(outcome: Outcome, runtime: Runtime) -> "Told":
    """The same for a span."""
    is_buried = isinstance(outcome, Lost) or (
        isinstance(outcome, Failed) and runtime.job_type.dead_letter
    )
    letter = {"dead_letter": True} if is_buried else {}
    return {"outcome": type(outcome).__name__.lower(), **_details(outcome), **letter}


def _hook(outcome: Outcome, info: JobInfo) -> Callable[[Hooks], object]:
    match outcome:
        case Completed(result=result):
            return lambda hooks: hooks.on_success and hooks.on_success(info, result)
        case Retried(delay=delay, error=error):
            return lambda hooks: hooks.on_retry and hooks.on_retry(info, error, delay)
        case Failed(reason=reason, error=error):
            return lambda hooks: hooks.on_failed and hooks.on_failed(info, reason, error)
        case _:
            return lambda _hooks: None


def _kpi(outcome: Completed | Failed, record: Record) -> Kpi:
    failed = outcome if isinstance(outcome, Failed) else None
    began = _began(outcome, record)
    return Kpi(
        job=_info(record),
        outcome="failure" if failed else "success",
        at=record.updated_at,
        took=_span(record.enqueued_at, record.updated_at),
        ran=_span(began, record.updated_at) if began else None,
        reason=failed.reason if failed else None,
        error_type=failed.error.error_type if failed else None,
    )


def _began(outcome: Outcome, record: Record) -> datetime | None:
    """Of an attempt that died nobody knows when it did, so that it has no duration."""
    is_dead = isinstance(outcome, Failed | Held) and outcome.reason in _DEATHS
    return None if is_dead else record.started_at


def _span(since: datetime, until: datetime) -> timedelta:
    """Never negative: clocks of two machines may disagree."""
    return max(until - since, timedelta(0))


def _call(run: Admitted, runtime: Runtime, name: str, hook: Callable[[Hooks], object]) -> None:
    """What a hook enqueues comes from the job that it is told of."""
    with told_of(run.arrival.message):
        for hooks in runtime.hooks:
            _spared(runtime, name, partial(hook, hooks))


def _trace(
    outcome: Outcome | None, arrival: Arrival, record: Record | None, runtime: Runtime
) -> None:
    if (tracing := runtime.perform.tracing) is not None:
        told = _told(outcome, runtime) if outcome else _UNKNOWN
        _spared(runtime, "tracing", partial(tracing.ended, arrival, record, told))


def _spared(runtime: Runtime, name: str, call: Callable[[], object]) -> None:
    try:
        call()
    # SystemExit too: a hook never changes what becomes of its job.
    except BaseException as error:  # noqa: BLE001
        runtime.ports.telemetry.trouble(
            "hook_failed",
            None,  # its text may quote the payload, the result or the error it was told of
            hook=name,
            error_type=type(error).__name__,
            where=place_of(error),
        )


def _info(record: Record) -> JobInfo:
    return JobInfo(
        job_id=record.job_id,
        job_type=record.job_type,
        attempt=record.attempt,
        max_attempts=record.max_attempts,
        tenant=record.tenant,
        correlation_id=record.correlation_id,
    )


def _milliseconds(since: datetime | None, until: datetime | None) -> float | None:
    """None where one is not known; 0.0 where clocks disagree."""
    if since is None or until is None:
        return None
    return round((until - since) / _MILLISECOND, 1) if until > since else 0.0


def _ms(duration: timedelta) -> float:
    return round(duration / _MILLISECOND, 1)
