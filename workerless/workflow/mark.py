"""Marks: what a container knows of each of its members. Pure.

A mark says how far one member is. Marks of a member are ordered, and the latest stands: whoever
tells the same again, or something older, changes nothing. As texts they sort as they are ordered,
so that a store can compare them itself.
"""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from workerless.errors import WorkerlessError
from workerless.frozen import frozen
from workerless.record import Record
from workerless.states import State

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_TEXT = re.compile(r"(\d{7})([01])([A-Za-z])(\d{13})")
# An id leaves room for a slot; a digest of one that does not is as long as any idempotency key's.
_MAX_MEMBER_ID, _DIGITS = 100, 32


class SlotState(StrEnum):
    """How far a member is. ``COMPLETED_WITH_ERRORS`` is only ever that of a nested container."""

    STARTED = "started"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"


@frozen
class Mark:
    """How far one member is, in which of its lives.

    ``generation`` counts these from 1: a redriven job is started again in the next. ``began`` tells
    that its work may have been begun, in this life or before. ``at`` is when it came to ``state``;
    to the millisecond.
    """

    generation: int
    state: SlotState
    at: datetime
    began: bool = False

    @property
    def has_ended(self) -> bool:
        return self.state is not SlotState.STARTED

    def is_after(self, other: "Mark | None") -> bool:
        """Whether this one stands where ``other`` stood."""
        return other is None or write_mark(self) > write_mark(other)


def write_mark(mark: Mark) -> str:
    """22 characters: generation, has it ended, state (a capital where it began), milliseconds."""
    letter = _LETTERS[mark.state]
    return (
        f"{mark.generation:07}{int(mark.has_ended)}"
        f"{letter.upper() if mark.began else letter}{(mark.at - _EPOCH) // _MILLISECOND:013}"
    )


def read_mark(text: str) -> Mark:
    """What ``write_mark`` wrote. Raises ``WorkerlessError``."""
    match = _TEXT.fullmatch(text)
    if match is None or match[3].lower() not in _STATES:
        raise WorkerlessError(f"this is no mark of a member: {text[:40]!r}")
    return Mark(
        generation=int(match[1]),
        state=_STATES[match[3].lower()],
        at=_EPOCH + int(match[4]) * _MILLISECOND,
        began=match[3].isupper(),
    )


def mark_of(record: Record) -> Mark:
    """What the container of this job is to know of it; a held job has not ended.

    A failed job stays one for its container, when somebody dismisses it: what waits for it does not
    go on because dead letters are tidied up.
    """
    has_ended = record.state.is_terminal
    state = State.FAILED if record.dismissed_by else record.state
    return Mark(
        generation=record.generation,
        state=_SLOT_STATES.get(state, SlotState.STARTED),
        at=(record.finished_at or record.updated_at) if has_ended else record.enqueued_at,
        # What a redriven job's earlier lives began is not told by its record.
        began=record.generation > 1 or (record.first_started_at or record.started_at) is not None,
    )


def member_id(container_id: str, slot: str) -> str:
    """The id of the job or container in this slot: the same whoever starts it, however often."""
    if len(container_id) + len(slot) >= _MAX_MEMBER_ID:
        container_id = hashlib.sha256(container_id.encode()).hexdigest()[:_DIGITS]
    return f"{container_id}.{slot}"


_LETTERS = {
    SlotState.STARTED: "s",
    SlotState.COMPLETED: "c",
    SlotState.COMPLETED_WITH_ERRORS: "e",
    SlotState.FAILED: "f",
    SlotState.CANCELLED: "x",
    SlotState.DISCARDED: "d",
}
_STATES = {letter: state for state, letter in _LETTERS.items()}
_SLOT_STATES = {
    State.COMPLETED: SlotState.COMPLETED,
    State.FAILED: SlotState.FAILED,
    State.CANCELLED: SlotState.CANCELLED,
    State.DISCARDED: SlotState.DISCARDED,
}
