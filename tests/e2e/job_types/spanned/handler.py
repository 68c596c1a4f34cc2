"""Fails if it shall; its spans are lines of its log."""

from functions.spanned.job import Spanned, spanned
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from workerless.otel import traced
from workerless.worker import worker


def perform(payload: Spanned) -> None:
    """As it is told."""
    if payload.error is not None:
        raise ValueError(payload.error)


def _provider() -> TracerProvider:
    made = TracerProvider()
    lines = ConsoleSpanExporter(formatter=lambda span: f"{span.to_json(indent=None)}\n")
    made.add_span_processor(SimpleSpanProcessor(lines))
    return made


handler = worker(spanned)(traced(perform, provider=_provider()))
