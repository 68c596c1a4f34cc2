"""The header Idempotency-Key: the same request twice is one job. Pure.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import re
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header

from workerless.http.caller import Caller

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
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
    return value if _TRACEPARENT.fullmatch(value) else None
