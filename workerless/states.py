"""The states of a job and the only ways between them. ``docs/lifecycle.md`` draws this table."""

from enum import StrEnum


class State(StrEnum):
    """Where a job is; stored in its record, shown to callers."""

    SCHEDULED = "scheduled"
    PENDING = "pending"
    PROCESSING = "processing"
    RETRYING = "retrying"
    COMPLETED = "completed"
    FAILED = "failed"
    DISCARDED = "discarded"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL

    @property
    def is_waiting(self) -> bool:
        return self in WAITING


WAITING = frozenset({State.SCHEDULED, State.PENDING, State.RETRYING})
TERMINAL = frozenset({State.COMPLETED, State.FAILED, State.DISCARDED, State.CANCELLED})

# processing -> processing is a new attempt taking over from one whose lease ran out;
# processing -> scheduled is a snooze; waiting -> scheduled is another time to run. A failed job
# leaves its state only by redrive.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.PROCESSING, State.SCHEDULED, State.CANCELLED}),
    State.PENDING: frozenset({State.PROCESSING, State.SCHEDULED, State.CANCELLED}),
    State.RETRYING: frozenset({State.PROCESSING, State.SCHEDULED, State.CANCELLED}),
    State.PROCESSING: frozenset(
        {
            State.PROCESSING,
            State.SCHEDULED,
            State.RETRYING,
            State.COMPLETED,
            State.FAILED,
            State.DISCARDED,
        }
    ),
    State.COMPLETED: frozenset(),
    State.FAILED: frozenset(),
    State.DISCARDED: frozenset(),
    State.CANCELLED: frozenset(),
}


def may_become(before: State, after: State) -> bool:
    """Whether the table allows this step."""
    return after in TRANSITIONS[before]
