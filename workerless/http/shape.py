"""How jobs look over HTTP: names in camelCase, instants in ISO 8601, durations by their unit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt
from pydantic.alias_generators import to_camel

from workerless.states import State
from workerless.tag import MAX_TAGS, TAG

Data = Mapping[str, Any]
Why = Annotated[str, Field(min_length=1, max_length=500)]
Tag = Annotated[str, Field(pattern=f"^{TAG.pattern}$", examples=["checkout"])]
# Ten years, as for any other caller.
DelayMs = Annotated[int, Field(ge=0, le=315_360_000_000)]


class Shape(BaseModel):
    """What is sent and received; an unknown field is an error."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class ProblemBody(BaseModel):
    """Why something was not done; `code` is stable, `field` is what was wrong."""

    code: str
    message: str
    field: str | None = None
    request_id: str


class Refusal(BaseModel):
    """What the gateway says where it lets nothing through: unsigned, too many, no such route."""

    message: str


class Enqueue(Shape):
    """A job to be done. `data` is what its job type's model says.

    One that has not begun `expires_ms` from now is cancelled as expired.
    """

    data: Data = Field(examples=[{"email_id": "e-1", "to": "ada@example.com"}])
    delay_ms: DelayMs = 0
    expires_ms: Annotated[int, Field(ge=1, le=315_360_000_000)] | None = None
    attempts: Annotated[int, Field(ge=1, le=100)] | None = None
    priority: StrictInt | str | None = Field(
        default=None, description="critical 1, high 5, normal 10, low 20", examples=["high", 5]
    )
    lane: str | None = Field(default=None, description="one that its job type declares")
    correlation_id: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    tags: Annotated[list[Tag], Field(max_length=MAX_TAGS)] = Field(default_factory=list)


class Enqueued(Shape):
    """A job that is on its way. `duplicate`: its Idempotency-Key, or its like, was there before."""

    job_id: str
    status: str = Field(examples=["queued"])
    duplicate: bool


class Event(Shape):
    """What a job waits for. `data` is what the job's handler says, at most 4 KiB."""

    data: Data = Field(default_factory=dict, examples=[{"by": "grace", "isGranted": True}])


class EventTaken(Shape):
    """An event that is kept, and that the job has or will have."""

    job_id: str
    name: str


class Reason(Shape):
    """Why it is done, for the audit."""

    why: Why = Field(examples=["the address was wrong"])


class AttemptErrorShape(Shape):
    """Why one attempt failed; `message` may be cut."""

    attempt: int
    at: datetime
    error_type: str
    message: str


class JobShape(Shape):
    """A job at one moment. `omitted` names what was too big to be sent along.

    `cursor` is where a long job goes on, and `continuations` how often it did. `lastHeartbeat` is
    of one that has run for 30 s at least; `stalledAt` is when an attempt was last found dead.
    """

    id: str
    type: str
    state: State
    progress: float | None
    progress_step: str | None
    cursor: Any
    continuations: int
    data: Data | None
    result: Any
    failed_reason: str | None
    attempts_made: int
    max_attempts: int
    enqueued_at: datetime
    run_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    last_heartbeat: datetime | None
    stalled_at: datetime | None
    tenant: str | None
    lane: str | None
    correlation_id: str | None
    parent_id: str | None
    traceparent: str | None
    errors: list[AttemptErrorShape]
    omitted: list[str]


class JobRow(Shape):
    """A job in a list: all but payload, result and errors in full."""

    id: str
    type: str
    state: State
    failed_reason: str | None
    error_type: str | None
    error: str | None
    fingerprint: str | None
    attempts_made: int
    max_attempts: int
    enqueued_at: datetime
    run_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    updated_at: datetime
    tenant: str | None
    tags: list[str]


class JobPage(Shape):
    """Some jobs, the latest change first. A page may hold fewer than asked for, and have a next."""

    jobs: list[JobRow]
    cursor: str | None
