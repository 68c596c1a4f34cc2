"""Whether a record is still what somebody takes it for."""

from workerless.frozen import replace
from workerless.ports import Postponement
from workerless.record import Record
from workerless.states import State


def is_as_it_was(record: Record | None, seen: Record | None) -> bool:
    """Whether nobody has changed it since it was seen."""
    if record is None or seen is None:
        return record is seen
    return (record.state, record.generation, record.updated_at) == (
        *(seen.state, seen.generation, seen.updated_at),
    )


def postponed(record: Record, one: Postponement) -> Record | None:
    """The record with what is noted when it is put off; None where the attempt is another's."""
    if one.sent_for is not None:
        record = replace(record, sent_for=one.sent_for)
    if one.stalled_at is None:
        return record
    is_dead = record.lease is not None and record.lease.until == one.stalled_at
    is_dead = is_dead and record.state is State.PROCESSING
    return replace(record, stalled_at=one.stalled_at) if is_dead else None
