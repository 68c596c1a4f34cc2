"""Jobs that shall not begin any more: called off while they ran before, or too late now."""

from datetime import datetime

from workerless.frozen import replace
from workerless.outcome import Cancelled, Outcome, Waiting
from workerless.record import Record

EXPIRED = "expired"


def not_begun(record: Record, now: datetime) -> Cancelled | None:
    """How a claimed job ends without having begun; None where it may begin.

    One that had begun before may go on as late as it likes.
    """
    if record.cancel_reason is not None:
        return Cancelled(reason=record.cancel_reason, began=False)
    if has_run_out(record, now) and not _had_begun(record):
        return Cancelled(reason=EXPIRED, began=False)
    return None


def has_run_out(record: Record, now: datetime) -> bool:
    """Whether it is too late for the job to begin, if it has not yet."""
    return record.start_by is not None and record.start_by <= now


def in_time(outcome: Outcome, record: Record, now: datetime) -> Outcome:
    """``outcome``, so that a job that may not begin later is looked at by then."""
    if not isinstance(outcome, Waiting) or record.start_by is None or _had_begun(record):
        return outcome
    left = max(record.start_by - now, outcome.delay * 0)
    return replace(outcome, delay=min(outcome.delay, left))


def _had_begun(record: Record) -> bool:
    """Before this claim, which counts an attempt and notes no first start."""
    return record.first_started_at is not None or record.attempt > 1
