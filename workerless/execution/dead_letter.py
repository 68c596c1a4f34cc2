"""Dead letters: the body as it came, and beside it why it is there.

Attributes are few and short: SQS allows ten, and counts them as part of the message. They hold no
value of a payload: what a job's own exception says may quote one, so that stays in the record, and
its fingerprint tells which failures are the same.
"""

from collections.abc import Mapping
from datetime import datetime

from workerless import limits
from workerless.execution.arrival import NO_RECORD, RECORD, Arrival
from workerless.execution.runtime import Runtime
from workerless.ports import Outgoing
from workerless.record import Record

LOST = {
    "record_missing": "the message says that its job has a record and there is none: past its "
    "retention, or another job type's; it was not run",
    "id_taken": "the message brings a new job under the id of another, with another payload or "
    "type; it was not run",
    "undeliverable": "SQS moved it to the dead-letter queue again and again: no worker was there "
    "to take it, or each died before it began",
}
_MAX_ATTRIBUTE = 500
# Ten of at most 500 characters of up to 4 bytes (more where one is escaped), names and types.
_ROOM_FOR_ATTRIBUTES = 48 * 1024


def dead_letter(arrival: Arrival, record: Record, runtime: Runtime) -> bool:
    """Send the message of a failed job to the dead-letter queue; True once it is there."""
    if not runtime.job_type.dead_letter:
        return True
    told = of_failed(record, arrival)
    if not runtime.is_tracked():
        told[RECORD] = NO_RECORD
        if record.errors:
            told["error_message"] = record.errors[-1].message  # nothing else will ever tell
    return _send(arrival, runtime, **told)


def lost_letter(arrival: Arrival, reason: str, runtime: Runtime) -> bool:
    """The same for a message without a job to run, whatever the job type thinks of dead letters."""
    return _send(arrival, runtime, **of_lost(arrival, reason, runtime.ports.clock.now()))


def of_failed(record: Record, arrival: Arrival) -> dict[str, str]:
    """What a letter says of a job that its record knows to have failed.

    Only what came with a traceback is the job's own word; all else is ours, and quotes nothing.
    """
    from workerless.fingerprint import fingerprint_of  # noqa: PLC0415 -- only failures pay

    error = record.errors[-1] if record.errors else None
    return {
        "job_type": record.job_type,
        "job_id": record.job_id,
        "reason": record.reason or "unknown",
        "error_type": error.error_type if error else "unknown",
        "error_message": error.message if error and not error.traceback else "",
        "fingerprint": fingerprint_of(record) or "",
        "attempts": str(record.attempt),
        "failed_at": _text(record.finished_at),
        "traceparent": arrival.message.traceparent or "",
    }


def of_lost(arrival: Arrival, reason: str, now: datetime) -> dict[str, str]:
    """What a letter says that has no record of its own."""
    return {
        "job_type": arrival.message.job_type,
        "job_id": arrival.message.job_id,
        "reason": reason,
        "error_type": "MalformedMessage" if arrival.problem else "Lost",
        "error_message": str(arrival.problem) if arrival.problem else LOST[reason],
        "attempts": "0",
        "failed_at": _text(now),
        "traceparent": arrival.message.traceparent or "",
        RECORD: NO_RECORD,
    }


def fitting(body: str, attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes, or none beside a body that fills a message: the record has them all."""
    if len(body.encode()) > limits.MAX_MESSAGE_BYTES - _ROOM_FOR_ATTRIBUTES:
        return {}
    return {name: value[:_MAX_ATTRIBUTE] for name, value in attributes.items() if value}


def _send(arrival: Arrival, runtime: Runtime, **attributes: str) -> bool:
    letter = Outgoing(
        body=arrival.body, group=arrival.group, attributes=fitting(arrival.body, attributes)
    )
    (failure,) = runtime.ports.queue.send_many(runtime.ports.dead_letters, [letter])
    if failure is not None:
        runtime.ports.telemetry.trouble(
            "dead_letter_failed", None, job_id=arrival.message.job_id, code=failure.code
        )
    return failure is None


def _text(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
