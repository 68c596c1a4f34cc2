"""The files of an attempt: its payload before it starts, its result and errors after it."""

import hashlib
from dataclasses import replace
from datetime import timedelta

from workerless.data_ref import ON_ITS_WAY, DataRef, error_key, payload_keep, result_key
from workerless.errors import BlobNotFoundError, BlobsUnavailableError
from workerless.execution.admission import Admitted
from workerless.execution.failure import whole_text
from workerless.execution.runtime import Runtime
from workerless.limits import CRAMMED_RESULT_BYTES, INLINE_RESULT_BYTES, MAX_DELAY
from workerless.outcome import (
    Awaiting,
    Continued,
    Deferred,
    Failed,
    Held,
    Outcome,
    Retried,
    Snoozed,
    Waiting,
)
from workerless.payload_file import CorruptFileError, Wait, keep_payload, read_payload_file
from workerless.record import AttemptError
from workerless.retention import HELD_PATIENCE, result_retention

_COMES_BACK = Retried | Snoozed | Continued | Waiting | Awaiting | Held
# How long a job is kept away from files that do not answer.
_DOWN = Deferred(delay=timedelta(seconds=30), why="payload_unavailable")
# The record's own time begins when it is written, a moment after the file.
_MARGIN = timedelta(hours=1)
# Nothing may keep an attempt from being settled: below this, an error's file is not worth trying.
_TIME_FOR_DETAILS = timedelta(seconds=10)


def fetched(run: Admitted, runtime: Runtime) -> Admitted | Deferred | Failed:
    """``run`` with its payload at hand; or why it cannot start."""
    message, ports = run.arrival.message, runtime.ports
    if message.ref is None:
        return run
    try:
        data = read_payload_file(message.ref, ports.blobs)
    except BlobNotFoundError as error:
        return _failed("payload_missing", error, run, runtime)
    except CorruptFileError as error:
        return _failed("payload_corrupt", error, run, runtime)
    except BlobsUnavailableError as error:
        ports.telemetry.trouble("payload_unavailable", error, job_id=run.record.job_id)
        return _DOWN
    return replace(run, arrival=replace(run.arrival, message=replace(message, data=data)))


def kept_while_waiting(run: Admitted, outcome: Outcome, runtime: Runtime) -> Outcome:
    """``outcome``, once the payload will last until the job runs again.

    Where that cannot be said, the wait is cut to what the payload surely lasts: one that waits for
    months on a payload that is gone by then would be worse.
    """
    ref = run.arrival.message.ref
    if ref is None or not isinstance(outcome, _COMES_BACK):
        return outcome
    now = runtime.ports.clock.now()
    until = now + (HELD_PATIENCE if isinstance(outcome, Held) else outcome.delay)
    wait = Wait(enqueued_at=run.record.enqueued_at, now=now, until=until)
    try:
        keep_payload(
            ref, runtime.ports.blobs, wait=wait, failed_retention=runtime.job_type.failed_retention
        )
    except BlobsUnavailableError as error:
        runtime.ports.telemetry.trouble("payload_unavailable", error, job_id=run.record.job_id)
        if isinstance(outcome, Held):  # as it is, it may be found again
            return replace(_DOWN, delay=MAX_DELAY)
        left = run.record.enqueued_at + ON_ITS_WAY - now
        return replace(outcome, delay=min(outcome.delay, max(left, MAX_DELAY)))
    return outcome


def stored_result(text: str | None, run: Admitted, runtime: Runtime) -> DataRef | None:
    """Where ``text`` is stored, None for what the record holds itself, or nobody would look for.

    Written before the record says so: a file that no record speaks of goes by itself. Raises
    ``BlobsUnavailableError`` for a result that no record could hold either.
    """
    if text is None or len(text) <= INLINE_RESULT_BYTES or not runtime.is_tracked():
        return None
    blobs, data = runtime.ports.blobs, text.encode()
    key = result_key(runtime.job_type.name, run.record.job_id, _token(run))
    try:
        keep = result_retention(run.record, runtime.job_type.completed_retention)
        blobs.put(key, data, keep=keep + _MARGIN)
    except BlobsUnavailableError as error:
        if len(data) > CRAMMED_RESULT_BYTES:
            raise
        runtime.ports.telemetry.trouble("result_not_filed", error, job_id=run.record.job_id)
        return None
    return DataRef(bucket=blobs.bucket, key=key, digest=hashlib.sha256(data).hexdigest())


def with_details(
    described: AttemptError, error: BaseException, run: Admitted, runtime: Runtime
) -> AttemptError:
    """``described``, naming the file with all of ``error`` where the record's texts are cut.

    As good as can be: the record alone is enough to go on.
    """
    text = whole_text(error, runtime.secrets) if runtime.is_tracked() else None
    if text is None or runtime.time_left() < _TIME_FOR_DETAILS:
        return described
    key = error_key(runtime.job_type.name, run.record.job_id, described.attempt, _token(run))
    try:
        keep = payload_keep(timedelta(0), runtime.job_type.failed_retention)
        runtime.ports.blobs.put(key, text, keep=keep)
    except BlobsUnavailableError as trouble:
        runtime.ports.telemetry.trouble("details_lost", trouble, job_id=run.record.job_id)
        return described
    return replace(described, details=key)


def _failed(reason: str, error: Exception, run: Admitted, runtime: Runtime) -> Failed:
    at, attempt = runtime.ports.clock.now(), run.record.attempt
    kind = type(error).__name__
    return Failed(
        reason=reason,
        error=AttemptError(attempt=attempt, at=at, error_type=kind, message=str(error)),
    )


def _token(run: Admitted) -> str:
    return run.record.lease.token if run.record.lease else ""
