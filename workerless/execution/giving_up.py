"""Ending a job that nothing can move any more, outside every worker."""

from datetime import datetime, timedelta

from workerless.errors import JobNotFoundError
from workerless.ports import Store, Telemetry
from workerless.record import AttemptError, Record
from workerless.states import State

# Nobody but its stack knows the job type's own.
_FAILED_RETENTION = timedelta(days=7)


def give_up(
    record: Record,
    reason: str,
    *,
    error_type: str,
    message: str,
    now: datetime,
    store: Store,
    telemetry: Telemetry,
) -> Record | None:
    """The record, failed; None where it has moved since it was read.

    Raises ``StoreUnavailableError``.
    """
    error = AttemptError(attempt=record.attempt, at=now, error_type=error_type, message=message)
    try:
        ended = store.give_up(
            record, at=now, reason=reason, error=error, expires_at=now + _FAILED_RETENTION
        )
    except JobNotFoundError:
        return None
    if ended.state is not State.FAILED:
        return None
    telemetry.transition(failed_line(ended))
    return ended


def failed_line(failed: Record) -> dict[str, str | int | float | None]:
    """Of a job that no worker ended: it has no duration."""
    return {
        "event": "job.failed",
        "job_id": failed.job_id,
        "job_type": failed.job_type,
        "state": failed.state.value,
        "attempt": failed.attempt,
        "max_attempts": failed.max_attempts,
        "correlation_id": failed.correlation_id,
        "tenant": failed.tenant,
        "reason": failed.reason,
    }
