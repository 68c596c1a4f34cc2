"""What a store keeps of a job, and until when. Pure; every store goes by it."""

from datetime import datetime, timedelta

from workerless.frozen import replace
from workerless.limits import MAX_BODY_BYTES
from workerless.record import Record
from workerless.states import State

# Less a week it is longer than a message can wait in its queue and its dead-letter queue together.
# A TTL deletion is free; moving the time on when the job ends would cost a write of the whole body.
BODY_LIFETIME = timedelta(days=30)
WEEK = timedelta(days=7)
# How long a held job's body and payload wait for a person.
HELD_PATIENCE = timedelta(days=365)


# A batch or workflow may need the result of a member long after that has ended.
_MEMBER_RETENTION = timedelta(days=30)


def result_retention(record: Record, declared: timedelta) -> timedelta:
    """How long a job that completes keeps its record and its result."""
    return declared if record.member_of is None else max(declared, _MEMBER_RETENTION)


def has_expired(record: Record, now: datetime) -> bool:
    """Whether the record is past its time: gone for every reader, deleted or not."""
    return record.expires_at is not None and record.expires_at <= now


def waits_until(state: State, run_at: datetime | None, now: datetime) -> datetime | None:
    """Until when a job that becomes ``state`` needs its body; None where it does not wait."""
    return now + HELD_PATIENCE if state is State.HELD else run_at


def outgrows_its_body(record: Record, run_at: datetime) -> bool:
    """Whether a body stored apart must live longer, now that the job shall run at ``run_at``.

    It was stored until ``BODY_LIFETIME`` after the ``run_at`` of that time. Counted in weeks since
    the job was enqueued, so that a job which is told to wait again and again pays once a week, and
    its body always outlives ``run_at`` by ``BODY_LIFETIME`` less a week.
    """
    return _week(record, run_at) > _week(record, record.run_at)


def _week(record: Record, run_at: datetime) -> int:
    return (run_at - record.enqueued_at) // WEEK


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
