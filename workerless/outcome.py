"""How an attempt can end: a closed set. ``execution.settle`` is the one place that acts on each."""

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING

from workerless.data_ref import DataRef
from workerless.frozen import frozen
from workerless.record import AttemptError, Record

if TYPE_CHECKING:
    from workerless.flow.dependency import Blame


@frozen
class Completed:
    """The handler returned; ``result`` is JSON text, None when the job type declares none.

    ``ref`` is where the text was stored, when it is too big for the record.
    """

    result: str | None
    ref: DataRef | None = None


@frozen
class Retried:
    """The attempt failed and another follows after ``delay``. ``blame``: of its dependencies."""

    delay: timedelta
    error: AttemptError
    blame: "Blame | None" = None


@frozen
class Snoozed:
    """The handler asked to be run later; no attempt is spent."""

    delay: timedelta
    blame: "Blame | None" = None


@frozen
class Continued:
    """A long job came as far as its time allows: it goes on from its checkpoint, at once."""

    delay: timedelta = timedelta(0)


@frozen
class Failed:
    """No attempt follows; the message goes to the dead-letter queue with ``reason``."""

    reason: str
    error: AttemptError
    blame: "Blame | None" = None


@frozen
class Discarded:
    """The handler said that the job is no longer wanted."""

    reason: str


@frozen
class Cancelled:
    """The job was called off while it ran, or came too late to begin (``began`` False)."""

    reason: str
    began: bool = True


@frozen
class Held:
    """An attempt died, and its job type has a person look before it is run again."""

    reason: str
    error: AttemptError


@frozen
class Deferred:
    """The job could not start: it comes back after ``delay``, no attempt spent."""

    delay: timedelta
    why: str
    error: AttemptError | None = None


@frozen
class Waiting:
    """A gate holds the job back for ``delay``: it was claimed, not started, no attempt spent.

    ``why`` becomes the reason in its record. ``notes`` are what gates remember of it until it is
    looked at again, by the gate's name.
    """

    delay: timedelta
    why: str
    notes: Mapping[str, str] = field(default_factory=dict)


@frozen
class Awaiting:
    """The handler waits for an event, ``delay`` at most; no attempt is spent."""

    event: str
    delay: timedelta

    @property
    def why(self) -> str:
        """The reason in its record."""
        return f"event:{self.event}"


@frozen
class Duplicate:
    """Another message of this job already led to its end, ``record``."""

    record: Record


@frozen
class Fenced:
    """A newer attempt owns the job: what this one did counts for nothing."""


@frozen
class Lost:
    """The message has no job to run: it goes to the dead-letter queue with ``reason``.

    ``record_missing``: it speaks of a record that is not there. ``id_taken``: it brings a new job
    under the id of another.
    """

    reason: str


type Outcome = (
    Completed
    | Retried
    | Snoozed
    | Continued
    | Failed
    | Discarded
    | Cancelled
    | Held
    | Deferred
    | Waiting
    | Awaiting
    | Duplicate
    | Fenced
    | Lost
)
