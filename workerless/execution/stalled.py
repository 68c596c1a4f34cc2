"""Telling that an attempt died: it ended without a word, and its lease ran out.

Each is told once, by whoever finds it first: the sweeper, which notes it with its next look, or the
claim that takes over or ends the job. A process that dies between its write and its line tells
nobody.
"""

from collections.abc import Iterable
from datetime import datetime

from workerless.due import is_at_work
from workerless.ports import Telemetry
from workerless.record import Record
from workerless.states import State


def died_at(record: Record, now: datetime) -> datetime | None:
    """When the lease of an attempt ended that is dead, and of which nobody was told yet."""
    if record.state is not State.PROCESSING or is_at_work(record, now) or record.is_known_dead:
        return None
    return record.lease.until if record.lease else None


def tell_found(records: Iterable[Record], now: datetime, telemetry: Telemetry) -> None:
    """By the sweeper, of records as it read them: those whose attempt is dead, and was not told."""
    for record in records:
        if died_at(record, now) is not None:
            _tell(record, record.attempt, telemetry, found_by="sweeper")


def tell_taken_over(record: Record, telemetry: Telemetry) -> None:
    """By a claim, of the record as it is now: the attempt before this one is dead."""
    _tell(record, None, telemetry, found_by="claim")


def tell_ended(record: Record, telemetry: Telemetry) -> None:
    """By a claim that ended the job instead, of the record before."""
    if not record.is_known_dead:
        _tell(record, record.attempt, telemetry, found_by="claim")


def _tell(record: Record, attempt: int | None, telemetry: Telemetry, *, found_by: str) -> None:
    telemetry.transition(
        {
            "event": "job.stalled",
            "job_id": record.job_id,
            "job_type": record.job_type,
            "state": str(record.state),
            "attempt": attempt,
            "max_attempts": record.max_attempts,
            "correlation_id": record.correlation_id,
            "tenant": record.tenant,
            "found_by": found_by,
        }
    )
