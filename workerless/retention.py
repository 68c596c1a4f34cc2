"""What a store keeps of a job, and until when. Pure; every store goes by it."""

from dataclasses import replace
from datetime import datetime

from workerless.limits import MAX_BODY_BYTES
from workerless.record import Record


def has_expired(record: Record, now: datetime) -> bool:
    """Whether the record is past its time: gone for every reader, deleted or not."""
    return record.expires_at is not None and record.expires_at <= now


def kept(record: Record) -> Record:
    """The record as a store keeps it: a body beyond ``MAX_BODY_BYTES`` is left out.

    Such a body never came from a client. Its worker refuses it, and the dead letter carries it.
    """
    if len(record.body.encode(errors="backslashreplace")) <= MAX_BODY_BYTES:
        return record
    return bodiless(record)


def bodiless(record: Record) -> Record:
    """The record as stores return it from everything but ``get_many``."""
    return replace(record, body="")
