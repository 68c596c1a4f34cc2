"""A recorded job as a message to send again. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from workerless.errors import JobStateError
from workerless.limits import MAX_DELAY
from workerless.message import MalformedMessage, read
from workerless.ports import Outgoing
from workerless.record import Record


def resent(record: Record, now: datetime) -> Outgoing:
    """The job's message, delayed for what is left until it shall run, at most 15 minutes.

    Bare and foreign bodies become events, so that the job keeps its id. Raises ``MalformedMessage``
    for a body that is gone or was never one of this queue; such a job has ended.
    """
    message = read(record.body, job_type=record.job_type, message_id=record.job_id)
    return Outgoing(
        # What was filed since its id was another's runs under the id of its record.
        body=replace(
            message,
            job_id=record.job_id,
            generation=record.generation,
            lane=record.lane,
            start_by=record.start_by,
        ).body(),
        delay=min(max(record.run_at - now, timedelta(0)), MAX_DELAY),
        group=record.tenant,
        lane=record.lane,
        traceparent=message.traceparent,
    )


def check_sendable(record: Record, now: datetime) -> None:
    """Raises ``JobStateError`` for a job whose message cannot be made any more."""
    try:
        resent(record, now)
    except MalformedMessage as error:
        raise JobStateError(
            f"job {record.job_id!r} is {record.state.value} and can never run: its message is gone "
            f"({error}); cancel it, and enqueue it anew"
        ) from error
