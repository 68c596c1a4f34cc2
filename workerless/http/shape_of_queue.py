"""How queues and their figures look over HTTP. Durations are milliseconds."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from workerless.http.shape import Shape, Why

Lane = Annotated[str, Field(min_length=1, max_length=40)]
Tenant = Annotated[str, Field(min_length=1, max_length=200)]


class PauseShape(Shape):
    """Jobs that do not start: of a type, a lane, or a tenant; null `until`: until a resume."""

    lane: str | None
    tenant: str | None
    by: str
    at: datetime
    why: str
    until: datetime | None


class Pausing(Shape):
    """A pause to begin, in the place of an earlier one of the same."""

    why: Why = Field(examples=["the database moves"])
    until: AwareDatetime | None = None
    lane: Lane | None = None
    tenant: Tenant | None = None


class Resuming(Shape):
    """A pause to end: that of a type, of one lane, or of one tenant."""

    why: Why | None = None
    lane: Lane | None = None
    tenant: Tenant | None = None


class LaneRow(Shape):
    """How many messages one lane of a job type has."""

    waiting: int
    active: int
    delayed: int


class QueueRow(Shape):
    """How many jobs of one type are in which state; `atLeast` names what was not counted out."""

    name: str
    waiting: int
    active: int
    delayed: int
    completed: int
    failed: int
    at_least: list[str]
    paused: list[PauseShape]
    lanes: dict[str, LaneRow] = Field(description="by name; none of a job type without lanes")


class QueueList(Shape):
    """Every deployed job type."""

    queues: list[QueueRow]


class Percentiles(Shape):
    """Of the latest jobs that finished, at most 1,000; null while there are none."""

    avg: float | None
    p50: float | None
    p95: float | None
    p99: float | None


class QueueMetricsShape(Shape):
    """How one job type is doing."""

    queue: str
    counts: QueueRow
    latency: Percentiles = Field(description="of the last attempt, in ms")
    wait_time: Percentiles = Field(
        description="from when it was due to that attempt's start, in ms"
    )
    throughput: float | None = Field(description="jobs finished a minute")
    error_rate: float | None = Field(description="failed of all that ended; null up to 10 samples")
    samples: int


class Check(Shape):
    """One thing that must be so for jobs to run."""

    name: str
    ok: bool
    detail: str


class ReadinessShape(Shape):
    """Whether jobs would run now, and if not, why."""

    ready: bool
    checks: list[Check]


class HealthShape(Shape):
    """How the stage is doing as a whole; `uptime` is seconds, `lastHeartbeat` its sweeper's."""

    healthy: bool
    uptime: float
    last_heartbeat: datetime | None
    active_jobs: int
    processed_jobs: int
    failed_jobs: int
    queues: list[dict[str, Any]]
    checks: list[Check]
