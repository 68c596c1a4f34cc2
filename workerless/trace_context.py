"""Trace contexts: W3C's, as messages have it, and X-Ray's, as SQS and Lambda do.

https://www.w3.org/TR/trace-context/#traceparent-header
https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
"""

import os
import re
import sys
from collections.abc import Mapping

from workerless.environment import TRACE
from workerless.origin import origin

_W3C = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<span>(?!0{16})[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})"
)
_ROOT = re.compile(r"1-(?P<time>[0-9a-f]{8})-(?P<rest>[0-9a-f]{24})")
_SPAN = re.compile(r"(?!0{16})[0-9a-f]{16}")
_SAMPLED = 1


def is_w3c(value: str) -> bool:
    """Whether it is a ``traceparent`` of W3C, of version 00 in form."""
    return _W3C.fullmatch(value) is not None


def parts_of_w3c(value: str) -> tuple[str, str, str] | None:
    """Trace, span and flags, as hexadecimal texts; None of what is no trace context."""
    parts = _W3C.fullmatch(value)
    return (parts["trace"], parts["span"], parts["flags"]) if parts else None


def traceparent_here(variables: Mapping[str, str] = os.environ) -> str | None:
    """The context of what is enqueued here: of the span at work, the job, or the invocation.

    The span is OpenTelemetry's, where the program has loaded that. One of another trace than the
    job's does not count: that is the invocation's, which other jobs share.
    """
    given, span = origin().traceparent, _span()
    if span is not None and (given is None or _trace(given) in {None, _trace(span)}):
        return span
    return given or from_xray(variables.get(TRACE, ""))


def from_xray(header: str) -> str | None:
    """None of a trace that is not sampled.

    Lambda has one for each invocation, traced or not, and botocore hands it on: taken over, its
    "not sampled" would silence every tracer after it.
    """
    pieces = [piece.strip().partition("=") for piece in header.split(";")]
    fields = {name: value for name, _, value in pieces}
    root = _ROOT.fullmatch(fields.get("Root", ""))
    span = _SPAN.fullmatch(fields.get("Parent", ""))
    if root is None or span is None or fields.get("Sampled") != "1":
        return None
    return f"00-{root['time']}{root['rest']}-{span[0]}-01"


def to_xray(traceparent: str) -> str | None:
    """The header AWSTraceHeader; None of what is no trace context of W3C's."""
    parts = _W3C.fullmatch(traceparent)
    if parts is None:
        return None
    trace, sampled = parts["trace"], int(parts["flags"], 16) & _SAMPLED
    return f"Root=1-{trace[:8]}-{trace[8:]};Parent={parts['span']};Sampled={sampled}"


def _trace(traceparent: str) -> str | None:
    parts = _W3C.fullmatch(traceparent)
    return parts["trace"] if parts else None


def _span() -> str | None:
    """OpenTelemetry's current span; never loads what the program has not."""
    telemetry = sys.modules.get("opentelemetry.trace")
    if telemetry is None:
        return None
    context = telemetry.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
