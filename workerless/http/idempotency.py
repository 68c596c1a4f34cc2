"""Headers of a request: Idempotency-Key makes it one job when it comes twice. Pure.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header

from workerless.http.caller import Caller
from workerless.trace_context import is_w3c

_MAX_TEXT = 256  # as in messages

IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", pattern=r"^[!-~]{1,255}$", description="one key is one job"),
]


def key_of(caller: Caller, key: str | None) -> str | None:
    """The key as the client takes it: two tenants that chose the same have two jobs.

    No header holds a line break, so a tenant's key is never that of a caller without one.
    """
    if key is None or caller.tenant is None:
        return key
    return f"{caller.tenant}\n{key}"


def traceparent_of(value: str) -> str | None:
    """A W3C trace context, None for what is none: a tracer's mistake must not cost a job."""
    return value if is_w3c(value) else None


def correlation_of(value: str) -> str | None:
    """The caller's own id of its request; None for what is none, for the same reason."""
    return value if 0 < len(value) <= _MAX_TEXT and value.isprintable() else None
