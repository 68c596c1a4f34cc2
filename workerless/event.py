"""What a job waits for by name, and what was decided of it: sent, or not in time. Pure.

The first event of a name is the one that counts, for the job's whole life. That nobody sent one in
time is decided in the same place, so that who comes too late is told so; a redriven job waits anew.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workerless.errors import EnqueueRefusedError
from workerless.frozen import frozen, replace
from workerless.limits import MAX_JSON_DEPTH
from workerless.outcome import Awaiting
from workerless.payload import Payload, canonical_json, depth, json_data
from workerless.record import Record
from workerless.retention import BODY_LIFETIME
from workerless.states import State
from workerless.transition import rescheduled

MAX_EVENT_BYTES = 4_096
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_NONE = timedelta(0)
# More redrives than any job sees.
_FOR_EVER = 1_000_000_000


@frozen
class Event:
    """What stands of one name of one job.

    ``data`` is canonical JSON of an object; None where nobody sent any in time. A ``void`` one
    stands for nothing: it was sent, and did not fit. ``generation`` is the job's, from 1.
    """

    job_id: str
    name: str
    data: str | None
    at: datetime
    generation: int
    expires_at: datetime
    void: bool = False

    @property
    def stands_for(self) -> int:
        """The last generation of the job that it is for."""
        if self.void:
            return 0
        return self.generation if self.data is None else _FOR_EVER


@frozen
class Token:
    """Who has it may send one event to one job, until ``expires_at``."""

    job_id: str
    name: str
    expires_at: datetime


def token_digest(token: str) -> str:
    """What a token is kept by: whoever can read the table cannot use what it holds."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_name(name: str) -> None:
    """Raises ``EnqueueRefusedError``."""
    if not _NAME.fullmatch(name):
        raise EnqueueRefusedError(
            "an event's name must be 1 to 64 letters, digits, '_', '.' and '-', the first a letter "
            f"or digit, got {ascii(name)[:80]}",
            field="name",
        )


def data_text(data: Payload | Mapping[str, Any]) -> str:
    """As an event keeps it. Raises ``EnqueueRefusedError`` for what is no JSON, or too much."""
    try:
        plain = json_data(data) if isinstance(data, Payload) else dict(data)
        text = canonical_json(plain) if depth(plain) <= MAX_JSON_DEPTH else None
    except (TypeError, ValueError, RecursionError) as error:
        raise EnqueueRefusedError(f"an event's data must be JSON: {error}", field="data") from error
    if text is None or len(text) > MAX_EVENT_BYTES:
        got = f"{len(text)} bytes" if text else "more levels"
        raise EnqueueRefusedError(
            f"an event's data must be at most {MAX_EVENT_BYTES} bytes of JSON in {MAX_JSON_DEPTH} "
            f"levels, got {got}; store what is big, and send where it is",
            field="data",
        )
    return text


def sent(record: Record, name: str, data: str, at: datetime) -> Event:
    """An event for the job of ``record``, to be kept as long as what the job needs to run."""
    return Event(
        job_id=record.job_id,
        name=name,
        data=data,
        at=at,
        generation=record.generation,
        expires_at=max(record.run_at, at) + BODY_LIFETIME,
    )


def missed(record: Record, name: str, at: datetime) -> Event:
    """That nobody sent it in time."""
    return replace(sent(record, name, "", at), data=None)


def awaits(record: Record, name: str) -> bool:
    """Whether the job stands still until this event comes."""
    return record.state.is_waiting and record.reason == Awaiting(event=name, delay=_NONE).why


def told(record: Record, name: str, at: datetime) -> Record:
    """The record of a job that an event was just kept for.

    One that waits for it shall run now. One that runs may have looked before the event was there:
    counted, it does not begin to wait. Any other will look.
    """
    if record.state is State.PROCESSING:
        return replace(record, events=record.events + 1)
    return rescheduled(record, run_at=at, at=at) if awaits(record, name) else record
