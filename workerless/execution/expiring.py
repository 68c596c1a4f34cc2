"""Ending a job that may not begin any more, where no worker takes its message."""

from datetime import datetime, timedelta

from workerless.errors import JobNotFoundError, StoreUnavailableError
from workerless.execution.not_begun import EXPIRED, has_run_out
from workerless.ports import Store, Telemetry
from workerless.record import Record
from workerless.states import State

# Nobody but its stack knows the job type's own.
_RETENTION = timedelta(hours=24)
# Clocks differ: a worker's may say that a job just began in time.
_SKEW = timedelta(minutes=1)


def has_expired(record: Record, *, now: datetime, store: Store, telemetry: Telemetry) -> bool:
    """Whether the job was ended here; one that the store gives no answer about is looked at again.

    One that has begun goes on as late as it likes.
    """
    has_begun = record.attempt > 0 or record.started_at is not None
    if has_begun or not record.state.is_waiting or not has_run_out(record, now - _SKEW):
        return False
    try:
        ended = store.cancel(record.job_id, at=now, reason=EXPIRED, expires_at=now + _RETENTION)
    except JobNotFoundError:
        return False
    except StoreUnavailableError as error:
        telemetry.trouble("store_unavailable", error, job_id=record.job_id)
        return False
    if ended.state is State.CANCELLED:
        telemetry.transition(
            {
                "event": "job.cancelled",
                "job_id": ended.job_id,
                "job_type": ended.job_type,
                "state": ended.state.value,
                "correlation_id": ended.correlation_id,
                "tenant": ended.tenant,
                "reason": EXPIRED,
            }
        )
    return ended.state is State.CANCELLED
