"""What people decided and did, kept beside the jobs: bulk operations, groups of errors, the audit.

The values, and the port that keeps them. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from workerless.errors import CursorRefusedError, WorkerlessError
from workerless.search import Search

# After so long nobody asks any more what was done.
AUDIT_RETENTION = timedelta(days=400)
OPERATION_RETENTION = timedelta(days=90)


MAX_LIMIT = 200
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def checked_limit(limit: int) -> int:
    """``limit`` itself. Raises ``WorkerlessError`` when it is not between 1 and 200."""
    if not 1 <= limit <= MAX_LIMIT:
        raise WorkerlessError(f"limit must be between 1 and {MAX_LIMIT}, got {limit}")
    return limit


def checked_cursor(cursor: str | None) -> str | None:
    """``cursor`` itself. Raises ``CursorRefusedError`` when no sheet can have had it."""
    if cursor is not None and not is_id(cursor):
        raise CursorRefusedError(
            f"cursor must be one that a listing returned, got {ascii(cursor)[:60]}"
        )
    return cursor


def is_id(text: str) -> bool:
    """Whether something in the ledger may have this id."""
    return _ID.fullmatch(text) is not None


class Kind(StrEnum):
    """What a bulk operation does to each job that its search finds.

    ``RETRY``, ``DISCARD`` and ``ARCHIVE`` are for dead jobs, ``CANCEL`` and ``PROMOTE`` (run now)
    for those that wait.
    """

    RETRY = "retry"
    DISCARD = "discard"
    ARCHIVE = "archive"
    CANCEL = "cancel"
    PROMOTE = "promote"

    @property
    def is_for_waiting(self) -> bool:
        return self in (Kind.CANCEL, Kind.PROMOTE)


class Stand(StrEnum):
    """Where a bulk operation is.

    ``STOPPED`` by its canary, or since its job type is gone; it may be resumed.
    """

    RUNNING = "running"
    STOPPED = "stopped"
    ABORTED = "aborted"
    DONE = "done"


class Phase(StrEnum):
    """What a running operation is at.

    ``JOBS``: it takes jobs. ``WATCH``: it waits for those of a canary's stage to end. ``LETTERS``:
    all jobs are done, and the letters they left go from the dead-letter queues.
    """

    JOBS = "jobs"
    WATCH = "watch"
    LETTERS = "letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """Retry few jobs, look how they end, then more, then all.

    ``stages`` are 1 to 10 numbers of jobs, each 1 to 1,000. The operation stops where more than
    ``max_failure_ratio`` (0 to 1) of a stage's jobs failed again; after the last stage, of a
    sample of those that ended lately.
    """

    stages: tuple[int, ...] = (1, 10)
    max_failure_ratio: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How far an operation is, in jobs.

    ``total`` is what its search found when it began, and ``at_least`` tells that there were more
    than were counted. ``skipped`` jobs had moved on by themselves, or by another's hand. ``failed``
    ones could not be done. ``letters`` is how many dead letters were cleared away.
    """

    total: int = 0
    at_least: bool = False
    done: int = 0
    skipped: int = 0
    failed: int = 0
    letters: int = 0

    @property
    def seen(self) -> int:
        return self.done + self.skipped + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A job as an operation took it, or watches it; ``generation`` is that of then."""

    job_id: str
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One bulk operation. It never touches a job that failed after ``created_at``.

    ``version`` counts its changes: who writes it must have read the latest. ``in_hand`` are the
    jobs being done, written before the first of them is; ``cursor`` is where the search goes on
    after them, and ``is_searched`` tells that there are no more; ``done_before`` is how many were
    done when the search last began. ``watched`` are the jobs whose end the canary waits for, under
    the generation that this operation gave them, and ``verdicts`` how the latest of them ended
    (True: failed). ``stage`` is its stage, from 0, and ``in_stage`` how many jobs that has retried
    so far. ``paid_until`` is when the rate allows the next job. ``driver`` is the process that
    wrote it last: others stay away for a while, to no harm if they do not. ``problems`` are some of
    the jobs that could not be done, with why.
    """

    operation_id: str
    kind: Kind
    search: Search
    by: str
    created_at: datetime
    updated_at: datetime
    why: str | None = None
    rate: float | None = None
    canary: Canary | None = None
    stand: Stand = Stand.RUNNING
    phase: Phase = Phase.JOBS
    version: int = 1
    counts: Counts = Counts()
    cursor: str | None = None
    is_searched: bool = False
    done_before: int = 0
    in_hand: tuple[Taken, ...] = ()
    watched: tuple[Taken, ...] = ()
    verdicts: tuple[bool, ...] = ()
    stage: int = 0
    in_stage: int = 0
    paid_until: datetime | None = None
    driver: str | None = None
    ended_at: datetime | None = None
    ended_because: str | None = None
    problems: Mapping[str, str] = field(default_factory=dict)


class Judgement(StrEnum):
    """What people said of a group of errors. ``OPEN`` takes an earlier word back."""

    OPEN = "open"
    RESOLVED = "resolved"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The last word on the errors of one fingerprint, of one job type."""

    job_type: str
    fingerprint: str
    judgement: Judgement
    by: str
    at: datetime
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit: ``by`` did ``verb`` to ``on``, for the reason ``why``.

    Written before it is done, with ``outcome`` None: where that stays, whoever did it died, or it
    is being done. ``number`` is of jobs. ``entry_id`` sorts by time.
    """

    entry_id: str
    at: datetime
    by: str
    verb: str
    on: str
    why: str | None = None
    outcome: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet[V]:
    """Some of what the ledger keeps, newest first, and where the rest starts (None: no more)."""

    items: tuple[V, ...]
    cursor: str | None


class Ledger(Protocol):
    """What keeps them. Reads are consistent. Raises ``StoreUnavailableError``."""

    def open(self, operation: Operation) -> None:
        """Keep a new operation; the same again changes nothing."""
        ...

    def wake(self, operation: Operation) -> None:
        """Have ``running`` tell of it, for as long as it runs.

        To be called after what made it run was kept: who dies in between calls it again.
        """
        ...

    def operation(self, operation_id: str) -> Operation:
        """Raises ``OperationNotFoundError``."""
        ...

    def operations(self, *, limit: int = 50, cursor: str | None = None) -> Sheet[Operation]:
        """All of them, the newest first. ``limit`` 1 to 200. Raises ``CursorRefusedError``."""
        ...

    def running(self) -> Sequence[Operation]:
        """Those that run and were woken, the oldest first."""
        ...

    def save(self, operation: Operation) -> bool:
        """Keep it with ``version`` one higher, if it is the one that was read; False where not.

        The caller's own write, repeated since its answer was lost, is no conflict.
        """
        ...

    def decide(self, decision: Decision) -> None:
        """Keep the last word on a group; one said later stands."""
        ...

    def decisions(self, job_type: str) -> Mapping[str, Decision]:
        """The last word on each group of a job type, by fingerprint."""
        ...

    def note(self, entry: Entry) -> None:
        """Keep an entry, over an earlier one of its id."""
        ...

    def entries(self, *, limit: int = 50, cursor: str | None = None) -> Sheet[Entry]:
        """The audit, the newest first. As ``operations``."""
        ...
