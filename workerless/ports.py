"""The waist: what execution and client need of the world, and nothing of AWS.

Every port takes and returns many, in order: one verdict an entry, so that adapters may batch. One
that cannot reach its service raises ``StoreUnavailableError``, a queue reports each entry.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from workerless.frozen import frozen
from workerless.record import AttemptError, Checkpoint, Progress, Record
from workerless.states import State
from workerless.tracking import Tracking
from workerless.transition import Claim, Finish, Verdict

if TYPE_CHECKING:
    from workerless.flow.autoscale import Scale
    from workerless.hidden import Hidden


@frozen
class Put:
    """What became of one new record: ``created``, or the ``record`` that was there already."""

    created: bool
    record: Record


@frozen
class Claimed:
    """What became of one claim. ``record`` is the new one when granted, else what stood there."""

    verdict: Verdict
    record: Record | None


@frozen
class Page:
    """Some records, newest change first, and where the next page starts (None: no more)."""

    records: tuple[Record, ...]
    cursor: str | None


@frozen
class Due:
    """A job that the sweeper shall look at, and since when."""

    job_id: str
    at: datetime


class WorkerStore(Protocol):
    """What a worker needs of the records. Each entry is atomic; nothing spans entries."""

    def claim_many(self, claims: Sequence[Claim]) -> list[Claimed]:
        """Judge and apply each claim (``transition.judge``, ``transition.claimed``)."""

    def finish_many(self, finishes: Sequence[Finish]) -> list[bool]:
        """Apply each finish; False where its token no longer owns the job."""

    def progress(self, job_id: str, token: str, progress: Progress, at: datetime) -> bool:
        """Note the progress of a running attempt; False where its token no longer owns the job."""

    def checkpoint(self, job_id: str, token: str, to: Checkpoint, at: datetime) -> bool:
        """Keep from where a running job goes on; False where its token no longer owns the job."""

    def remember(self, job_id: str, token: str, steps: Mapping[str, str], at: datetime) -> bool:
        """Keep all steps of a running attempt; False where its token no longer owns the job."""

    def why_cancelled(self, job_id: str, token: str) -> str | None:
        """Why the attempt under ``token`` shall end; None where nobody says so."""

    def get_many(self, job_ids: Sequence[str]) -> list[Record | None]:
        """The records, None where there is none or where it has expired. Consistent reads."""


@frozen
class Postponement:
    """A job that shall be looked at ``until`` then instead of when it was found due.

    With ``sent_for`` its record shall say that a message was sent for that ``run_at``; with
    ``stalled_at`` that its attempt is dead whose lease ended then, unless it is another's by now.
    """

    due: Due
    until: datetime
    sent_for: datetime | None = None
    stalled_at: datetime | None = None

    @property
    def job_id(self) -> str:
        return self.due.job_id


class Store(WorkerStore, Protocol):
    """The records of all jobs. Only ``get_many`` returns them with their bodies."""

    def put_many(self, records: Sequence[Record]) -> list[Put]:
        """Create each record unless its id is taken."""
        ...

    def cancel(self, job_id: str, *, at: datetime, reason: str, expires_at: datetime) -> Record:
        """Cancel a waiting or held job, ask a running one to end; any other stays. Its record.

        Raises ``JobNotFoundError``.
        """
        ...

    def give_up(
        self, idle: Record, *, at: datetime, reason: str, error: AttemptError, expires_at: datetime
    ) -> Record:
        """Fail a job no attempt is at work on, unless changed since. Or ``JobNotFoundError``."""
        ...

    def reschedule(self, job_id: str, *, run_at: datetime, at: datetime) -> Record:
        """Have a waiting or held job run at another time; any other is returned as it is.

        Raises ``JobNotFoundError``.
        """
        ...

    def due(self, shard: int, *, before: datetime, limit: int) -> "Sequence[Due]":
        """Jobs of one shard that are due (``due.due_at``), the longest first. From an index."""
        ...

    def postpone_many(self, postponements: "Sequence[Postponement]") -> list[bool]:
        """Move the times to look at jobs on; False where one moved otherwise, or its job ended."""
        ...

    def list(
        self, state: State, *, job_type: str, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """Jobs of one type and state; from an index, so a moment behind. ``limit`` 1 to 200."""
        ...


@frozen
class Outgoing:
    """One message. ``group`` is for fairness, ``lane`` is its queue, ``traceparent`` its trace."""

    body: str
    delay: timedelta = timedelta(0)
    group: str | None = None
    lane: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    traceparent: str | None = None


@frozen
class SendFailure:
    """Why one entry of a batch was not done, after every retry."""

    code: str
    message: str


@frozen
class Hide:
    """Keep a received message invisible for ``delay`` from now."""

    receipt: str
    delay: timedelta


@frozen
class Received:
    """One message taken from a queue. ``sent_at`` is from its first queue, whoever moved it since.

    ``attributes`` are those that are plain text. ``receive_count`` counts this one.
    """

    message_id: str
    receipt: str
    body: str
    attributes: Mapping[str, str]
    group: str | None
    sent_at: datetime
    receive_count: int


class Queue(Protocol):
    """The queues, by address. Workers neither receive nor acknowledge: on Lambda the mapping does.

    ``receive`` and ``delete_many`` are for dead letters, which no mapping reads.
    """

    def send_many(self, address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
        """Send each message; None where it was accepted."""

    def waiting(self, address: str) -> int:
        """About how many messages could be received now. Raises ``QueueUnavailableError``."""
        ...

    def hide_many(self, address: str, hides: Sequence[Hide]) -> list[SendFailure | None]:
        """Hide each message; a failure means that its receipt is no longer the valid one."""
        ...

    def receive(self, address: str, *, limit: int, hide: timedelta) -> list[Received]:
        """Up to ``limit`` messages that nobody has in hand, hidden from all others for ``hide``.

        An empty answer tells that none is left, a short one nothing. Raises as ``waiting`` does.
        """
        ...

    def delete_many(self, address: str, receipts: Sequence[str]) -> list[SendFailure | None]:
        """Delete each message; one that is not deleted comes back."""
        ...


class Blobs(Protocol):
    """What is too big for a record or a message, as files in one bucket.

    Writing a key again replaces the file, and never has it kept for a shorter time.
    """

    @property
    def bucket(self) -> str:
        """The bucket's name. Raises ``WorkerlessError`` where it has to be looked up in vain."""

    def put(self, key: str, data: bytes, *, keep: timedelta) -> None:
        """Store ``data`` for at least ``keep`` from now. Raises ``BlobsUnavailableError``."""

    def get(self, key: str, *, limit_bytes: int) -> bytes:
        """What was stored, at most ``limit_bytes`` and one of it: a size to refuse, not to load.

        Raises ``BlobNotFoundError`` only where there certainly is none, else
        ``BlobsUnavailableError``.
        """

    def extend(self, key: str, *, keep: timedelta) -> None:
        """Have it kept for at least ``keep`` from now. Raises as ``get`` does."""


@frozen
class Address:
    """Where a deployed job type lives. ``lanes`` are its queues by lane, ``queue`` among them."""

    job_type: str
    queue: str
    dead_letters: str
    function: str
    tracking: Tracking = Tracking.FULL
    lanes: Mapping[str, str] = field(default_factory=dict)
    hidden: "Hidden | None" = None
    scale: "Scale | None" = None
    in_containers: bool = False  # which alone take its messages: its mapping is off

    @property
    def queues(self) -> tuple[str, ...]:  # all but that of dead letters
        return tuple(self.lanes.values()) or (self.queue,)


class Directory(Protocol):
    """The deployed job types of one stage, as their stacks published them."""

    def find(self, job_type: str) -> Address:
        """Raises ``UnknownJobTypeError`` naming what there is."""
        ...

    def all(self) -> list[Address]: ...


class Clock(Protocol):
    """Time. Aware datetimes in UTC."""

    def now(self) -> datetime: ...

    def sleep(self, duration: timedelta) -> None: ...

    async def pause(self, duration: timedelta) -> None:
        """The same, while other coroutines go on."""
        ...

    def later(self, delay: timedelta, action: Callable[[], None]) -> Callable[[], None]:
        """Have ``action`` called once ``delay`` has passed, maybe on another thread.

        Returns what calls it off; an action that has begun goes on.
        """
        ...


class Telemetry(Protocol):
    """What operators see."""

    def transition(self, fields: Mapping[str, str | int | float | None]) -> None:
        """One structured line for one transition of one job."""
        ...

    def trouble(self, event: str, error: BaseException | None, **fields: str | int | None) -> None:
        """One structured line for something that went wrong around a job, not in it."""
        ...

    def logger(self, **fields: str | int | None) -> "logging.LoggerAdapter[logging.Logger]":
        """A logger for a job's own lines, each with these fields."""
        ...
