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
    HELD = "held"

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL

    @property
    def is_waiting(self) -> bool:
        return self in WAITING

    @property
    def is_resting(self) -> bool:
        """Whether nothing moves the job by itself: it has ended, or waits for a person."""
        return self.is_terminal or self is State.HELD


WAITING = frozenset({State.SCHEDULED, State.PENDING, State.RETRYING})
TERMINAL = frozenset({State.COMPLETED, State.FAILED, State.DISCARDED, State.CANCELLED})

# What ended because something was wrong; who cancels a job has a reason of his own.
TROUBLED = frozenset({State.FAILED, State.HELD, State.DISCARDED})

# What its caller may still call off, or give another time.
CANCELLABLE = WAITING | {State.HELD}

_FROM_WAITING = frozenset({State.PROCESSING, State.SCHEDULED, State.FAILED, State.CANCELLED})
# processing -> processing is a new attempt taking over from one whose lease ran out;
# processing -> scheduled is a snooze; processing -> cancelled is a handler that heeds its caller's
# word, or a job that may not begin any more; waiting -> scheduled is another time to run. A waiting
# job fails when no message of it ever reached a worker. A failed job leaves its state only by a
# person's word, redriven or dismissed; so does a held one.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.SCHEDULED: _FROM_WAITING,
    State.PENDING: _FROM_WAITING,
    State.RETRYING: _FROM_WAITING,
    State.PROCESSING: frozenset(
        {
            State.PROCESSING,
            State.SCHEDULED,
            State.RETRYING,
            State.COMPLETED,
            State.FAILED,
            State.DISCARDED,
            State.HELD,
            State.CANCELLED,
        }
    ),
    State.HELD: frozenset({State.SCHEDULED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.FAILED: frozenset({State.PENDING, State.SCHEDULED, State.DISCARDED}),
    State.DISCARDED: frozenset(),
    State.CANCELLED: frozenset(),
}


def may_become(before: State, after: State) -> bool:
    """Whether the table allows this step."""
    return after in TRANSITIONS[before]
