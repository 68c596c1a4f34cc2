"""What a team wants told when a job starts, ends or is retried.

A hook never changes what becomes of its job: what it raises is logged and dropped. Each is called
after the record says so, at most once a transition (a process that dies in between calls none).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from workerless.record import AttemptError


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInfo:
    """Which job, and which attempt of it (from 1; 0 when its handler never started)."""

    job_id: str
    job_type: str
    attempt: int
    max_attempts: int
    tenant: str | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """What a business counts of a job: that it succeeded or failed, of which error, and how soon.

    ``took`` is from when it was enqueued to its end, with all its attempts and waits; ``ran`` is
    its last attempt's, None of one that died. ``error_type`` and ``reason`` are of a failure.
    """

    job: JobInfo
    outcome: Literal["success", "failure"]
    at: datetime
    took: timedelta
    ran: timedelta | None
    reason: str | None = None
    error_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """The hooks of one owner: a job type's own, or a project's for all its job types.

    ``on_success`` gets the result as JSON text, ``on_retry`` the error and the wait,
    ``on_failed`` the reason and the last error. ``on_kpi`` is called for a success and for a
    failure, after these: not for a job that was discarded or called off.
    """

    on_start: Callable[[JobInfo], None] | None = None
    on_success: Callable[[JobInfo, str | None], None] | None = None
    on_retry: Callable[[JobInfo, AttemptError, timedelta], None] | None = None
    on_failed: Callable[[JobInfo, str, AttemptError], None] | None = None
    on_kpi: Callable[[Kpi], None] | None = None
