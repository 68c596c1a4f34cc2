"""What a dead job's record tells of it."""

from dataclasses import replace
from typing import Any

from workerless.errors import BlobNotFoundError
from workerless.hidden import Hidden
from workerless.limits import MAX_ERROR_FILE_BYTES
from workerless.message import MalformedMessage, read
from workerless.operations.dead_job import DeadDetail, DeadJob, Happening
from workerless.payload_file import CorruptFileError, read_payload_file
from workerless.ports import Blobs
from workerless.record import AttemptError, Record
from workerless.search import Listed, listed

# No handler let these fail: every process that took the message died, none ever took it, or nobody
# can read it.
MOVED_BY_SQS = frozenset(
    {
        "crash_loop",
        "undeliverable",
        "record_missing",
        "id_taken",
        "not_json",
        "not_unicode",
        "not_an_object",
        "too_large",
        "too_deep",
        "unknown_envelope",
        "invalid_envelope",
        "wrong_queue",
    }
)


def row_of(row: Listed) -> DeadJob:
    """A dead job as a list shows it."""
    return DeadJob(
        job_id=row.job_id,
        job_type=row.job_type,
        reason=row.reason or "unknown",
        error_type=row.error_type,
        message=row.message,
        attempts=row.attempt,
        generation=row.generation,
        failed_at=row.finished_at or row.updated_at,
        enqueued_at=row.enqueued_at,
        tenant=row.tenant,
        fingerprint=row.fingerprint,
        moved_by_sqs=row.reason in MOVED_BY_SQS,
    )


def autopsy(record: Record, blobs: Blobs, hidden: Hidden) -> DeadDetail:
    """All of it but what is ``hidden``. Raises ``BlobsUnavailableError``."""
    job = row_of(listed(record))
    message = record.errors[-1].message if record.errors else None
    return DeadDetail(
        job=replace(job, message=message, data=data_of(record, blobs, hidden)),
        errors=record.errors,
        texts=tuple(text_of(error, blobs) for error in record.errors),
        timeline=_timeline(record),
        body=hidden.body(record.body),
    )


def data_of(record: Record, blobs: Blobs, hidden: Hidden) -> Any:
    """The payload but what is ``hidden``; None where it cannot be read, or its file is gone."""
    try:
        message = read(record.body, job_type=record.job_type, message_id=record.job_id)
        data = read_payload_file(message.ref, blobs) if message.ref else message.data
    except (MalformedMessage, BlobNotFoundError, CorruptFileError):
        return None
    return hidden.data(data, message.version, record.reason)


def text_of(error: AttemptError, blobs: Blobs) -> str:
    """All that an attempt said; what the record has of it where its file is gone."""
    try:
        if error.details is not None:
            whole = blobs.get(error.details, limit_bytes=MAX_ERROR_FILE_BYTES)
            return whole.decode(errors="replace")
    except BlobNotFoundError:
        pass
    return f"{error.error_type}: {error.message}\n\n{error.traceback}"


def _timeline(record: Record) -> tuple[Happening, ...]:
    """What is known, in order: of starts only the first and the last."""
    told = [
        (record.enqueued_at, "enqueued", None),
        (record.redriven_at, "retried", record.redriven_by),
        (record.first_started_at, "started", "the first attempt"),
        (record.started_at, "started", f"attempt {record.attempt}"),
        *((error.at, "error", f"{error.error_type}: {error.message}") for error in record.errors),
        (record.finished_at, "failed", record.reason),
    ]
    known = [Happening(at=at, what=what, detail=detail) for at, what, detail in told if at]
    return tuple(sorted(known, key=lambda one: one.at))
