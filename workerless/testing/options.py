"""The keyword arguments that a stage hands on, typed."""

from datetime import timedelta
from typing import TypedDict

from workerless.priority import Priority
from workerless.testing.clock import FakeClock


class EnqueueOptions(TypedDict, total=False):
    """What ``Client.enqueue`` takes besides job type and payload."""

    job_id: str | None
    idempotency_key: str | None
    delay: timedelta
    attempts: int | None
    tenant: str | None
    priority: Priority | int | str | None
    lane: str | None
    correlation_id: str | None
    parent_id: str | None
    traceparent: str | None
    expires_in: timedelta | None


class StageOptions(TypedDict, total=False):
    """How a stage runs its jobs: see ``InMemoryStage``."""

    clock: FakeClock | None
    inline: bool
    raise_failures: bool
