"""Dead letters: the body as it came, and beside it why it is there.

Attributes are few and short: SQS allows ten, and counts them as part of the message.
"""

from collections.abc import Mapping
from datetime import datetime

from workerless import limits
from workerless.execution.arrival import Arrival
from workerless.execution.runtime import Runtime
from workerless.ports import Outgoing
from workerless.record import Record

_LOST = {
    "record_missing": "the message says that its job has a record and there is none: past its "
    "retention, or another job type's; it was not run",
    "id_taken": "the message brings a new job under the id of another, with another payload or "
    "type; it was not run",
}
_MAX_ATTRIBUTE = 500
# Nine of at most 500 characters of up to 4 bytes (ten where one is escaped), names and types.
_ROOM_FOR_ATTRIBUTES = 48 * 1024


def dead_letter(arrival: Arrival, record: Record, runtime: Runtime) -> bool:
    """Send the message of a failed job to the dead-letter queue; True once it is there."""
    if not runtime.job_type.dead_letter:
        return True
    error = record.errors[-1] if record.errors else None
    return _send(
        arrival,
        runtime,
        job_id=record.job_id,
        reason=record.reason or "unknown",
        error_type=error.error_type if error else "unknown",
        error_message=error.message if error else "",
        attempts=str(record.attempt),
        failed_at=_text(record.finished_at),
        traceparent=arrival.message.traceparent or "",
    )


def lost_letter(arrival: Arrival, reason: str, runtime: Runtime) -> bool:
    """The same for a message without a job to run, whatever the job type thinks of dead letters."""
    return _send(
        arrival,
        runtime,
        job_id=arrival.message.job_id,
        reason=reason,
        error_type="Lost",
        error_message=_LOST[reason],
        attempts="0",
        failed_at=_text(runtime.ports.clock.now()),
        traceparent=arrival.message.traceparent or "",
    )


def _send(arrival: Arrival, runtime: Runtime, **attributes: str) -> bool:
    told = {"job_type": runtime.job_type.name, **attributes}
    letter = Outgoing(
        body=arrival.body, group=arrival.group, attributes=_fitting(arrival.body, told)
    )
    (failure,) = runtime.ports.queue.send_many(runtime.ports.dead_letters, [letter])
    if failure is not None:
        runtime.ports.telemetry.trouble(
            "dead_letter_failed", None, job_id=arrival.message.job_id, code=failure.code
        )
    return failure is None


def _fitting(body: str, attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes, or none beside a body that fills a message: the record has them all."""
    if len(body.encode()) > limits.MAX_MESSAGE_BYTES - _ROOM_FOR_ATTRIBUTES:
        return {}
    return {name: value[:_MAX_ATTRIBUTE] for name, value in attributes.items() if value}


def _text(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
