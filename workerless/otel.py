"""Spans by OpenTelemetry, for who asks for them: ``pip install workerless[otel]``.

``traced`` makes a handler tell one span a job, ``connect`` a client one whenever it enqueues. Where
spans go is the tracer provider's matter. No text of an exception is told: it may quote a payload.

https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider

from workerless.client import Client
from workerless.execution.perform import TRACING
from workerless.handle import Job
from workerless.job_type import JobType
from workerless.payload import Payload, Result
from workerless.spans import NAME, JobSpans, context_of, messaging
from workerless.stand_in import stand_ins
from workerless.trace_context import traceparent_here

if TYPE_CHECKING:
    from workerless.run_handle import Run


def traced(
    perform: Callable[..., Any], *, provider: TracerProvider | None = None
) -> Callable[..., Any]:
    """The same handler, of whose calls its worker makes spans of kind CONSUMER.

    Its parent, and its link, is what enqueued the job; of a chunk, one span links to all. It is
    current meanwhile, so what the handler enqueues and calls is below it, and says what the worker
    made of the job. A look at a job that does not come to its handler is a span of kind CLIENT.
    ``provider`` is the program's own unless given.
    """
    told = update_wrapper(partial(perform), perform)
    vars(told)[TRACING] = JobSpans(provider)
    return told


def connect(
    stage: str,
    *,
    metrics: Callable[[str], object] | None = None,
    provider: TracerProvider | None = None,
) -> Client:
    """As ``workerless.client.connect``, with a span of kind PRODUCER for each call that enqueues.

    What it enqueues is below that span.
    """
    if stand_ins:
        return stand_ins[-1]
    from workerless import naming  # noqa: PLC0415 -- as in client
    from workerless.connecting import parts_of  # noqa: PLC0415 -- 100 ms

    naming.check_stage(stage)
    client = TracedClient(**parts_of(stage, metrics))
    client.provider = provider
    return client


class TracedClient(Client):
    """A client whose calls have spans. ``provider`` None is the program's own."""

    provider: TracerProvider | None = None

    def enqueue[P: Payload, R: Result | None](
        self, job_type: JobType[P, R], payload: P, **options: Any
    ) -> Job[R]:
        """As ``Client.enqueue``."""
        with self._producing(job_type.name, options) as span:
            job = super().enqueue(job_type, payload, **options)
            _told_of(span, job)
            return job

    def enqueue_many[P: Payload, R: Result | None](
        self, job_type: JobType[P, R], payloads: Sequence[P], **options: Any
    ) -> list[Job[R]]:
        """As ``Client.enqueue_many``: one span for all."""
        with self._producing(job_type.name, options) as span:
            span.set_attribute("messaging.batch.message_count", len(payloads))
            return super().enqueue_many(job_type, payloads, **options)

    def enqueue_json(self, name: str, data: Mapping[str, Any], **options: Any) -> Job[Any]:
        """As ``Client.enqueue_json``."""
        with self._producing(name, options) as span:
            job = super().enqueue_json(name, data, **options)
            _told_of(span, job)
            return job

    def start(self, part: Any, **options: Any) -> "Run":
        """As ``Client.start``: one span, above all jobs of the workflow."""
        with self._producing("workflow", options) as span:
            run = super().start(part, **options)
            span.set_attribute("workflow.id", run.id)
            return run

    @contextmanager
    def _producing(self, name: str, options: dict[str, Any]) -> Iterator[Span]:
        """The span is below the ``traceparent`` that ``options`` have, and the job below the span.

        Without one the span says so by being current: it is of the trace that is here.
        """
        told = options.pop("traceparent", None)
        above = context_of(told or traceparent_here())
        tracer = trace.get_tracer(NAME, tracer_provider=self.provider)
        with tracer.start_as_current_span(
            f"send {name}",
            context=above,
            kind=SpanKind.PRODUCER,
            attributes={**messaging("send", name), "job.name": name},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            if told and (made := _traceparent(span)):
                options["traceparent"] = made
            try:
                yield span
            except Exception as error:
                _failed(span, error)
                raise


def _told_of(span: Span, job: Job[Any]) -> None:
    span.set_attributes({"job.id": job.id, "messaging.message.id": job.id})


def _failed(span: Span, error: BaseException) -> None:
    span.set_attribute("error.type", type(error).__name__)
    span.set_status(Status(StatusCode.ERROR))


def _traceparent(span: Span) -> str | None:
    context = span.get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
