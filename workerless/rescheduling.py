"""Another time for a job that waits or is held."""

from dataclasses import replace
from datetime import datetime, timedelta

from workerless.due import is_parked
from workerless.errors import EnqueueRefusedError, JobStateError
from workerless.frozen import frozen
from workerless.limits import MAX_WAIT
from workerless.payload_file import keep_recorded
from workerless.ports import Blobs, Outgoing, Store
from workerless.resend import check_sendable, resent
from workerless.states import CANCELLABLE


@frozen
class Rescheduled:
    """A job that has another time, and the message to send for it, if it is not parked."""

    job_type: str
    outgoing: Outgoing | None


def reschedule(
    job_id: str, delay: timedelta, *, store: Store, blobs: Blobs, now: datetime
) -> Rescheduled:
    """Have the job run ``delay`` from now. Raises as ``Client.reschedule`` does."""
    if not timedelta(0) <= delay <= MAX_WAIT:
        raise EnqueueRefusedError(f"delay must be between 0 s and {MAX_WAIT}, got {delay}")
    (whole,) = store.get_many([job_id])  # with its body
    if whole is not None and whole.state in CANCELLABLE:
        check_sendable(whole, now)
    if is_parked(delay):
        keep_recorded([whole], blobs, now=now, until=now + delay)
    record = store.reschedule(job_id, run_at=now + delay, at=now)
    if not record.state.is_waiting:
        raise JobStateError(
            f"job {job_id!r} is {record.state.value}; only a job that waits or is held can be "
            "rescheduled"
        )
    # Where it became another job in between, the sweeper sends that one's message.
    is_sent = not is_parked(delay) and whole is not None and whole.digest == record.digest
    body = whole.body if whole is not None else ""
    return Rescheduled(
        job_type=record.job_type,
        outgoing=resent(replace(record, body=body), now) if is_sent else None,
    )
