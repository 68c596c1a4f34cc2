"""Spans of what a worker does: ``process`` while a handler runs, ``settle`` where none did.

A span lasts as long as the handler, and is told when its job has been settled: so it says what
became of the job. No word of a payload is in it, nor what an exception says: that may quote one.

https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, TracerProvider

from workerless.execution.admission import Admitted
from workerless.execution.arrival import Arrival
from workerless.execution.tracing import Told
from workerless.record import Record
from workerless.trace_context import parts_of_w3c

NAME = "workerless"
# What went wrong. All else that is not completed is as somebody wanted it, or comes back unspent.
_WRONG = frozenset(("retried", "failed", "held", "lost", "unknown"))
_ATTRIBUTES = {
    "outcome": "job.outcome",
    "reason": "job.reason",
    "delay_ms": "job.delay_ms",
    "dead_letter": "job.dead_letter",
}
# What OpenTelemetry has where one word cannot tell.
_SEVERAL = "_OTHER"


class JobSpans:
    """The spans of one handler, made by ``provider``; None is the program's own."""

    def __init__(self, provider: TracerProvider | None) -> None:
        self._tracer = trace.get_tracer(NAME, tracer_provider=provider)
        self._handled: dict[str, _Handled] = {}

    @contextmanager
    def handling(self, runs: Sequence[Admitted]) -> Iterator[None]:
        """A span of kind CONSUMER is current meanwhile; it is told once all ``runs`` have ended."""
        span = self._process(runs)
        try:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                yield
        finally:
            handled = _Handled(span, time.time_ns(), len(runs))
            self._handled |= dict.fromkeys((run.arrival.message_id for run in runs), handled)

    def ended(self, arrival: Arrival, record: Record | None, told: Told) -> None:
        """Told by the span of the handler; by one of kind CLIENT where that was not called."""
        job = _of_job(arrival, record)
        handled = self._handled.pop(arrival.message_id, None)
        if handled is not None:
            handled.tell(job, told)
            return
        name = arrival.message.job_type
        span = self._span(
            "settle", SpanKind.CLIENT, [arrival], {**messaging("settle", name), **job}
        )
        _conclude(span, [told])
        span.end()

    def _process(self, runs: Sequence[Admitted]) -> Span:
        name, arrivals = runs[0].record.job_type, [run.arrival for run in runs]
        told = messaging("process", name)
        if len(runs) == 1:
            told |= _of_job(arrivals[0], runs[0].record)
        else:
            told |= {"job.name": name, "messaging.batch.message_count": len(runs)}
        try:
            return self._span("process", SpanKind.CONSUMER, arrivals, told)
        except Exception:  # noqa: BLE001 -- a program's own processor: no job may fail for it
            return trace.INVALID_SPAN

    def _span(
        self, operation: str, kind: SpanKind, arrivals: Sequence[Arrival], told: dict[str, Any]
    ) -> Span:
        """Below what enqueued the one job, linked to what enqueued each and to what is current."""
        contexts = [context_of(one.message.traceparent) for one in arrivals]
        creators = [trace.get_current_span(one).get_span_context() for one in contexts if one]
        here = trace.get_current_span().get_span_context()
        return self._tracer.start_span(
            f"{operation} {arrivals[0].message.job_type}",
            context=contexts[0] if len(arrivals) == 1 else None,
            kind=kind,
            attributes=told,
            links=[Link(one) for one in (*creators, here) if one.is_valid],
        )


class _Handled:
    """A span whose handler has returned, until all of its ``jobs`` have ended."""

    def __init__(self, span: Span, at_ns: int, jobs: int) -> None:
        self._span = span
        self._at_ns = at_ns
        self._jobs = jobs
        self._told: list[Told] = []

    def tell(self, job: dict[str, Any], told: Told) -> None:
        self._told.append(told)
        if self._jobs > 1 and told["outcome"] != "completed":
            self._span.add_event(
                f"job.{told['outcome']}", {**job, **_error(told), **_attributes(told)}, self._at_ns
            )
        if len(self._told) == self._jobs:
            _conclude(self._span, self._told)
            self._span.end(self._at_ns)


def _conclude(span: Span, told: Sequence[Told]) -> None:
    """What all jobs of a span have in common."""
    span.set_attributes(_attributes(dict(set.intersection(*(set(one.items()) for one in told)))))
    errors = {error for one in told for error in _error(one).values()}
    if errors:
        span.set_attribute("error.type", errors.pop() if len(errors) == 1 else _SEVERAL)
        span.set_status(Status(StatusCode.ERROR))
    elif all(one["outcome"] == "completed" for one in told):
        span.set_status(Status(StatusCode.OK))


def _attributes(told: Told) -> dict[str, Any]:
    return {
        _ATTRIBUTES[name]: value
        for name, value in told.items()
        if name in _ATTRIBUTES and value is not None
    }


def _error(told: Told) -> dict[str, str]:
    if told["outcome"] not in _WRONG:
        return {}
    return {"error.type": str(told.get("error_type") or told.get("reason"))}


def _of_job(arrival: Arrival, record: Record | None) -> dict[str, Any]:
    known = record or arrival.message  # what came bare belongs to itself: only the record says so
    told = {
        "job.id": known.job_id,
        "job.name": known.job_type,
        "job.attempts": record and record.attempt,
        "job.redrives": (record and record.generation - 1) or None,
        "job.tenant": known.tenant,
        "messaging.message.id": known.job_id,
        "messaging.message.conversation_id": known.correlation_id,
    }
    return {name: value for name, value in told.items() if value is not None}


def messaging(operation: str, name: str) -> dict[str, Any]:
    """The attributes that a span of whatever queue has."""
    return {
        "messaging.system": "aws_sqs",
        "messaging.operation.type": operation,
        "messaging.operation.name": operation,
        "messaging.destination.name": name,
    }


def context_of(traceparent: str | None) -> Context | None:
    """With the span of who told it; None where it is no trace context."""
    parts = parts_of_w3c(traceparent or "")
    if parts is None:
        return None
    above = trace.SpanContext(
        trace_id=int(parts[0], 16),
        span_id=int(parts[1], 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(int(parts[2], 16)),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(above), Context())
