"""The item that names the last job of a unique key. Pure: names and shapes, no calls."""

from datetime import datetime

from workerless.aws.update import Update
from workerless.aws.value import Value, expiry, text
from workerless.record import Record
from workerless.retention import BODY_LIFETIME


def last_key(record: Record) -> dict[str, Value]:
    """Where it lies, of a job that has a key."""
    return {"pk": text(f"UNIQUE#{record.job_type}#{record.unique_key}"), "sk": text("LAST")}


def last_item(record: Record) -> dict[str, Value]:
    """``record`` as the last of its key."""
    until = record.run_at + BODY_LIFETIME
    return {**last_key(record), "job_id": text(record.job_id), "expires_at": expiry(until)}


def keep_last(record: Record, until: datetime) -> Update:
    """Let it live until then, if the job still is the last of its key."""
    return Update(
        condition="#job_id = :job_id",
        changes={"expires_at": expiry(until)},
        values={":job_id": text(record.job_id)},
    )
