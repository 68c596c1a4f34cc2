"""Telling the world what became of a job: hooks, and one structured line a transition."""

from collections.abc import Callable
from datetime import datetime, timedelta

from workerless.execution.arrival import Arrival
from workerless.execution.failure import place_of
from workerless.execution.runtime import Runtime
from workerless.hooks import Hooks, JobInfo
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

_MILLISECOND = timedelta(milliseconds=1)


def started(record: Record, runtime: Runtime) -> None:
    """A handler is about to be called."""
    _line("started", record, runtime, wait_ms=_milliseconds(record.run_at, record.started_at))
    if runtime.hooks:
        info = _info(record)
        _call(runtime, "on_start", lambda hooks: hooks.on_start and hooks.on_start(info))


def settled(outcome: Outcome, record: Record, runtime: Runtime) -> None:
    """The record says how the attempt ended."""
    _line(
        type(outcome).__name__.lower(),
        record,
        runtime,
        duration_ms=_milliseconds(record.started_at, record.updated_at),
        **_details(outcome),
    )
    if runtime.hooks:
        _call(runtime, "hook", _hook(outcome, _info(record)))


def held(outcome: Outcome, arrival: Arrival, record: Record | None, runtime: Runtime) -> None:
    """A delivery ended without a run: deferred, a duplicate, or without its record."""
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
            "xray_trace_id": runtime.trace_id,
            **_details(outcome),
        }
    )


def _line(event: str, record: Record, runtime: Runtime, **more: str | float | None) -> None:
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


def _call(runtime: Runtime, name: str, hook: Callable[[Hooks], object]) -> None:
    for hooks in runtime.hooks:
        try:
            hook(hooks)
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
