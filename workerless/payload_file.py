"""The files of claim checks: stored first, kept as long as their jobs wait, believed when checked.

Only keys below our own bucket are ever read, whatever a reference says.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from workerless.claim_check import PayloadFile
from workerless.data_ref import UNKNOWN_RETENTION, DataRef, outlasts, payload_keep
from workerless.errors import BlobNotFoundError
from workerless.frozen import frozen
from workerless.limits import MAX_PAYLOAD_BYTES
from workerless.message import MalformedMessage, read, read_object
from workerless.ports import Blobs
from workerless.record import Record


class CorruptFileError(Exception):
    """A file is not what its reference says, or no payload."""


@frozen
class Wait:
    """A job that was enqueued at ``enqueued_at`` is told ``now`` to wait ``until`` then."""

    enqueued_at: datetime
    now: datetime
    until: datetime


def read_file(ref: DataRef, blobs: Blobs, *, limit_bytes: int) -> bytes:
    """The file of ``ref``: its size and digest are right.

    Raises ``CorruptFileError``, ``BlobNotFoundError`` and ``BlobsUnavailableError``.
    """
    data = blobs.get(ref.key, limit_bytes=limit_bytes)
    if len(data) > limit_bytes:
        raise CorruptFileError(f"{ref.uri} must be at most {limit_bytes} bytes, and is more")
    if not ref.is_of(data):
        raise CorruptFileError(
            f"{ref.uri} must have the SHA-256 {ref.digest}, and its {len(data)} bytes have another"
        )
    return data


def read_payload_file(ref: DataRef, blobs: Blobs) -> Mapping[str, Any]:
    """The payload in the file of ``ref``. Raises as ``read_file`` does."""
    data = read_file(ref, blobs, limit_bytes=MAX_PAYLOAD_BYTES)
    try:
        return read_object(data.decode())
    except (MalformedMessage, UnicodeDecodeError) as error:
        raise CorruptFileError(f"{ref.uri} must hold a payload: {error}") from error


def store_files(files: Sequence[PayloadFile | None], blobs: Blobs) -> None:
    """Store what there is. Raises ``BlobsUnavailableError``."""
    for file in files:
        if file is not None:
            blobs.put(file.key, file.data, keep=file.keep)


def keep_payload(ref: DataRef, blobs: Blobs, *, wait: Wait, failed_retention: timedelta) -> None:
    """Have a payload's file wait with its job; to be called before the job is told to.

    A file that is gone stays so: the job finds out. Raises ``BlobsUnavailableError``.
    """
    if outlasts(wait.enqueued_at, wait.until):
        with suppress(BlobNotFoundError):
            blobs.extend(ref.key, keep=payload_keep(wait.until - wait.now, failed_retention))


def keep_recorded(
    records: Sequence[Record | None], blobs: Blobs, *, now: datetime, until: datetime
) -> None:
    """The same for jobs as the store has them, bodies included, whatever their type declares."""
    for record in records:
        ref = _claim_check_of(record) if record else None
        if record and ref:
            wait = Wait(enqueued_at=record.enqueued_at, now=now, until=until)
            keep_payload(ref, blobs, wait=wait, failed_retention=UNKNOWN_RETENTION)


def _claim_check_of(record: Record) -> DataRef | None:
    try:
        return read(record.body, job_type=record.job_type, message_id=record.job_id).ref
    except MalformedMessage:
        return None
