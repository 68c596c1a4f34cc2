"""What an event bus is told of a job: which changes of its record are worth it, and what of it.

Nothing that a payload may be quoted in: no result, no error's text, no words of a job's own.
"""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from workerless.record import Record
from workerless.states import State

SOURCE = "workerless"


class JobChange(StrEnum):
    """The ``detail-type`` of an event. A job is enqueued, and redriven, as often as it says so."""

    ENQUEUED = "Job Enqueued"
    RETRYING = "Job Retrying"
    STALLED = "Job Stalled"
    COMPLETED = "Job Completed"
    FAILED = "Job Failed"
    DISCARDED = "Job Discarded"
    CANCELLED = "Job Cancelled"
    HELD = "Job Held"
    REDRIVEN = "Job Redriven"


# The states in which a record may be after each change: what the stream is filtered by.
STATES = {
    JobChange.ENQUEUED: (State.SCHEDULED, State.PENDING),
    JobChange.RETRYING: (State.RETRYING,),
    JobChange.STALLED: (State.PROCESSING,),
    JobChange.COMPLETED: (State.COMPLETED,),
    JobChange.FAILED: (State.FAILED,),
    JobChange.DISCARDED: (State.DISCARDED,),
    JobChange.CANCELLED: (State.CANCELLED,),
    JobChange.HELD: (State.HELD,),
    JobChange.REDRIVEN: (State.SCHEDULED, State.PENDING),
}
_BY_STATE = {
    State.COMPLETED: JobChange.COMPLETED,
    State.FAILED: JobChange.FAILED,
    State.DISCARDED: JobChange.DISCARDED,
    State.CANCELLED: JobChange.CANCELLED,
    State.HELD: JobChange.HELD,
}


class JobEvent(BaseModel):
    """The detail of an event about a job.

    ``id`` is the same each time that this change is told. ``attempt`` counts from 1, 0 before the
    first; ``generation`` counts redrives, from 1. ``reason`` and ``errorType`` are there of jobs
    that failed, are held or retried.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )

    id: str
    stage: str
    job_id: str
    job_type: str
    state: State
    attempt: int
    max_attempts: int
    generation: int
    at: datetime
    enqueued_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    reason: str | None = None
    error_type: str | None = None
    tenant: str | None = None
    correlation_id: str | None = None
    parent_id: str | None = None
    tags: tuple[str, ...] = ()


def change(before: Record | None, after: Record) -> JobChange | None:
    """What happened between two versions of a record; None of what nobody is told."""
    if before is not None and after.generation > before.generation:
        return JobChange.REDRIVEN
    if before is None and after.state in STATES[JobChange.ENQUEUED]:
        return JobChange.ENQUEUED
    if _stalls(before, after):
        return JobChange.STALLED
    if before is not None and after.state is before.state:
        return None
    if after.state is State.RETRYING:
        # One that was only looked at, and comes back, has its attempt again.
        return JobChange.RETRYING if before and after.attempt == before.attempt else None
    return _BY_STATE.get(after.state)


def _stalls(before: Record | None, after: Record) -> bool:
    """Whether an attempt was found dead, by the sweeper or by the one that follows it."""
    known = before.stalled_at if before else None
    return after.state is State.PROCESSING and after.stalled_at not in (None, known)


def job_event(kind: JobChange, record: Record, *, stage: str) -> JobEvent:
    """What is told of ``record``, as it is after the change."""
    is_troubled = kind in (JobChange.FAILED, JobChange.HELD)
    is_known = is_troubled or kind is JobChange.RETRYING
    last = record.errors[-1] if record.errors and is_known else None
    name = kind.removeprefix("Job ").lower()
    if kind is JobChange.STALLED and record.stalled_at is not None:
        name = f"{name}/{record.stalled_at:%Y%m%dT%H%M%S.%fZ}"  # more than one may end an attempt
    return JobEvent(
        id=f"{record.job_id}/{record.generation}/{record.attempt}/{name}",
        stage=stage,
        job_id=record.job_id,
        job_type=record.job_type,
        state=record.state,
        attempt=record.attempt,
        max_attempts=record.max_attempts,
        generation=record.generation,
        at=record.updated_at,
        enqueued_at=record.enqueued_at,
        started_at=record.started_at,
        finished_at=record.finished_at,
        reason=record.reason if is_troubled else None,
        error_type=last.error_type if last else None,
        tenant=record.tenant,
        correlation_id=record.correlation_id,
        parent_id=record.parent_id,
        tags=record.tags,
    )
