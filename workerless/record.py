"""The record of a job: the truth about it. Messages come, go and repeat; the record decides.

Only the functions of ``transition.py`` and ``running.py`` make a new record from an old one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workerless.data_ref import DataRef
from workerless.frozen import frozen
from workerless.states import State

MAX_ERRORS = 5
MAX_TRACEBACK_CHARACTERS = 2_000
MAX_MESSAGE_CHARACTERS = 500
# A job that goes in circles must end: so often a moved cursor gives attempts back, and no more.
MAX_CONTINUATIONS = 10_000


@frozen
class Lease:
    """The right of one attempt to write. ``token`` fences; ``until`` only says when to take over.

    ``alone`` tells that the attempt had its invocation to itself: an attempt that died in company
    may be a neighbour's victim, so its next run is alone and takes no attempt more.
    """

    token: str
    until: datetime
    alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a running job says it is: 0 to 100, what it is doing, and whatever else it tells."""

    percent: float
    step: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@frozen
class Checkpoint:
    """Where a long job goes on. ``cursor`` is JSON text, of at most 4 KiB.

    ``by`` is the token of the last attempt that moved it from where that attempt had begun, and
    ``at`` when it did.
    """

    cursor: str
    by: str
    at: datetime

    def to_json(self) -> str:
        return json.dumps({"cursor": self.cursor, "by": self.by, "at": self.at.isoformat()})

    @classmethod
    def from_json(cls, text: str) -> "Checkpoint":
        kept = json.loads(text)
        at = datetime.fromisoformat(kept["at"])
        return cls(cursor=kept["cursor"], by=kept["by"], at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptError:
    """Why one attempt failed; texts are trimmed (DynamoDB bills each update by the whole item).

    ``details`` is the key of the file with all of it, None where nothing was cut.
    """

    attempt: int
    at: datetime
    error_type: str
    message: str
    traceback: str = ""
    details: str | None = None


@frozen
class Record:
    """One job. ``attempt`` counts starts of the handler; ``generation`` counts redrives, from 1.

    ``digest`` is that of the payload: the same id with another digest is another job, a conflict.
    ``body`` is the message, kept so that the job can be sent again. ``result`` is JSON text, or
    refers to the file of one that is too big. ``reason`` is set with failed, discarded, cancelled
    and held. ``errors`` holds the last five. ``steps`` is what ``job.once`` keeps: JSON text by
    key. ``first_started_at`` is set once an attempt after the first is certain; until then the
    first start is ``started_at``. ``sent_for`` is the ``run_at`` for which the sweeper
    sent a parked job's message. ``lane`` is None of a job type without lanes. ``tags`` are
    its caller's words for it; ``search_keys`` are digests
    of payload values, by field. ``redriven_by`` names the request that began this generation and
    ``dismissed_by`` the one that ended it; ``former_digests`` are those of payloads that an edit
    replaced, the oldest first. ``filed_from`` is the message id of the dead letter that the
    sweeper made the record of, since there was none. ``waits`` is what the gates remember of a job
    that they hold back, by gate; None once it has started. ``unique_key`` is what jobs have in
    common that are alike, of types that tell which are. A job that has not begun by ``start_by``
    never does. ``cancel_reason`` is why a job that ran when it was called off shall end. ``events``
    counts those that were sent to it while it ran. ``member_of`` is its slot in a batch or
    workflow (``membership``). ``checkpoint`` is where the next attempt of a long job goes on;
    ``continuations`` counts how often one did that followed an attempt which had moved it.
    ``stalled_at`` tells that an attempt was found dead: when its lease had ended, where the sweeper
    found it; when the next one took over, where that did. ``heartbeat_at`` is when the process of
    an attempt that takes long last said that it is alive.
    """

    job_id: str
    job_type: str
    state: State
    digest: str
    body: str
    max_attempts: int
    enqueued_at: datetime
    updated_at: datetime
    run_at: datetime
    sent_for: datetime | None = None
    attempt: int = 0
    generation: int = 1
    lease: Lease | None = None
    first_started_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    progress: Progress | None = None
    result: str | DataRef | None = None
    reason: str | None = None
    errors: tuple[AttemptError, ...] = ()
    steps: Mapping[str, str] = field(default_factory=dict)
    tenant: str | None = None
    lane: str | None = None
    correlation_id: str | None = None
    parent_id: str | None = None
    tags: tuple[str, ...] = ()
    search_keys: Mapping[str, str] = field(default_factory=dict)
    expires_at: datetime | None = None
    redriven_at: datetime | None = None
    redriven_by: str | None = None
    dismissed_by: str | None = None
    former_digests: tuple[str, ...] = ()
    filed_from: str | None = None
    waits: Mapping[str, str] | None = None
    unique_key: str | None = None
    start_by: datetime | None = None
    cancel_reason: str | None = None
    events: int = 0
    member_of: str | None = None
    checkpoint: Checkpoint | None = None
    continuations: int = 0
    stalled_at: datetime | None = None
    heartbeat_at: datetime | None = None

    @property
    def has_advanced(self) -> bool:
        """Whether the attempt under its lease has moved the cursor: then it costs no attempt."""
        return (
            self.checkpoint is not None
            and self.lease is not None
            and self.checkpoint.by == self.lease.token
            and self.continuations < MAX_CONTINUATIONS
        )

    @property
    def last_heartbeat(self) -> datetime | None:
        """Of the attempt that runs; None until it has run for long."""
        start, beat = self.started_at, self.heartbeat_at
        is_of_it = start is not None and beat is not None and beat >= start
        return beat if is_of_it and self.state is State.PROCESSING else None

    @property
    def is_known_dead(self) -> bool:
        """Whether the sweeper has told that the attempt under its lease is dead."""
        return self.lease is not None and self.stalled_at == self.lease.until
