"""How limits look over HTTP. Durations are milliseconds."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from workerless.http.shape import Shape, Why
from workerless.operations.limits import MAX_LIMIT, MAX_PER

_MAX_PER_MS = int(MAX_PER.total_seconds() * 1_000)


class SetLimit(Shape):
    """What shall hold; 0 stops what it limits. Without `perMs` the declared time holds."""

    limit: Annotated[int, Field(ge=0, le=MAX_LIMIT)]
    per_ms: Annotated[int, Field(ge=1_000, le=_MAX_PER_MS)] | None = None
    why: Why = Field(examples=["the partner asked us to"])


class LimitShape(Shape):
    """What holds instead of a declared limit, with who said so."""

    name: str
    limit: int
    per_ms: int | None
    by: str
    at: datetime
    why: str


class LimitList(Shape):
    """Those that somebody changed."""

    limits: list[LimitShape]


class BreakerShape(Shape):
    """How a circuit breaker stands: closed, held, open, probed or ready to be."""

    name: str
    stand: str
    until: datetime | None
    failures: int
    in_a_row: int


class BreakerList(Shape):
    """Those of what the deployed job types need."""

    breakers: list[BreakerShape]
