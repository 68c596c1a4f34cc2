"""What a team wants told when a job starts, ends or is retried.

A hook never changes what becomes of its job: what it raises is logged and dropped. Each is called
after the record says so, at most once a transition (a process that dies in between calls none).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

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
class Hooks:
    """The hooks of one owner: a job type's own, or a project's for all its job types.

    ``on_success`` gets the result as JSON text, ``on_retry`` the error and the wait,
    ``on_failed`` the reason and the last error.
    """

    on_start: Callable[[JobInfo], None] | None = None
    on_success: Callable[[JobInfo, str | None], None] | None = None
    on_retry: Callable[[JobInfo, AttemptError, timedelta], None] | None = None
    on_failed: Callable[[JobInfo, str, AttemptError], None] | None = None
