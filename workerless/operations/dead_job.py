"""A dead job as it is shown: a job that failed for good, and whatever stands in its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workerless.record import AttemptError


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadJob:
    """One dead job.

    ``reason`` is why it failed: ``attempts_exhausted`` and the like, or the job's own word.
    ``error_type`` and ``message`` are of its last error. ``attempts`` is how often its handler
    started. ``moved_by_sqs`` tells that no worker let it fail: SQS moved its message, since every
    process that took it died, or none ever took it, or nobody can read it. ``data`` is its
    payload; None where it was not asked for, cannot be read, or its file is gone.
    """

    job_id: str
    job_type: str
    reason: str
    error_type: str | None
    message: str | None
    attempts: int
    generation: int
    failed_at: datetime
    enqueued_at: datetime
    tenant: str | None
    fingerprint: str | None
    moved_by_sqs: bool
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadPage:
    """Some dead jobs, the latest first, and where the next page starts (None: no more)."""

    items: tuple[DeadJob, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened to a job.

    ``what`` is ``enqueued``, ``started``, ``error``, ``failed`` or ``retried``; ``detail`` says
    more where there is more to say.
    """

    at: datetime
    what: str
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadDetail:
    """All that is known of a dead job, its payload included.

    ``errors`` are those of its last five failed attempts, the latest last, and ``texts`` all that
    each said, at most 256 KiB. ``body`` is its message as it came; empty where it is gone.
    """

    job: DeadJob
    errors: tuple[AttemptError, ...]
    texts: tuple[str, ...]
    timeline: tuple[Happening, ...]
    body: str
