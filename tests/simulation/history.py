"""What happened in one schedule: facts for the checkers to judge, and a trace to read."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workerless.record import Record
from workerless.tracking import Tracking
from workerless.workflow_ports import Container


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something for the reader only: a fault, a delivery."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A producer was told that its job is on its way."""

    job_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """One change of one record. ``now`` is what the writer's own clock said."""

    by: str
    call: str
    token: str | None
    now: datetime
    before: Record | None
    after: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A batch or workflow was made, or what was decided about it written."""

    by: str
    before: Container | None
    after: Container


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A write that was repeated since its answer was lost; nobody wrote in between."""

    by: str
    call: str
    job_id: str
    is_won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Whoever decided about a failed job was told what became of it."""

    by: str
    job_id: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A handler was called, under the lease ``token``."""

    by: str
    job_id: str
    token: str
    attempt: int
    max_attempts: int
    text: str
    digest: str
    cursor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A handler came to its end, or its process died in it."""

    by: str
    job_id: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """The file of a payload was lost."""

    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooked:
    """A hook was called."""

    by: str
    hook: str
    job_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A worker said that a job is over: all that is known of one without a record."""

    by: str
    job_id: str
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A queue took a message. ``needs_record``: it says that its job's record is there.

    ``is_ahead``: it is of a generation that its record has not reached.
    """

    by: str
    job_id: str
    is_letter: bool
    needs_record: bool
    has_record: bool
    attributes: Mapping[str, str]
    is_ahead: bool = False
    queue: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A worker let go of a message. ``others`` is how many of its job are in any queue still.

    ``is_stale``: it was of a generation that its record has left behind.
    """

    by: str
    job_id: str
    message_id: str
    record: Record | None
    others: int
    is_stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Blown:
    """SQS moved a message by its fuse. ``unanswered`` receives ended without a worker's word."""

    job_id: str
    message_id: str
    unanswered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlived:
    """SQS deleted a message at the end of its retention."""

    job_id: str
    message_id: str
    is_letter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """A record was deleted, as by hand: no protocol does so before its job has long ended."""

    job_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What was filed of a job was deleted: it runs without a record."""

    by: str
    job_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """Something came out of a worker or a client that nobody could expect."""

    by: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message in the dead-letter queue at the end, or in the archive."""

    job_id: str
    body: str
    attributes: Mapping[str, str]
    is_archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """How the world looked once it was quiet. ``texts`` are those of the payloads by digest."""

    records: Mapping[str, Record]
    letters: tuple[Letter, ...]
    is_quiet: bool
    wants_letters: bool
    tracking: Tracking
    files: Mapping[str, bytes]
    texts: Mapping[str, str]
    repeats_the_unknown: bool = True

    def text(self, body: str) -> str:
        """The payload's text, as the body says it; the whole body, where nobody can read it."""
        try:
            event = json.loads(body)
        except ValueError:
            return body
        if "dataref" in event:
            return self.texts[event["datadigest"]]
        return str(event["data"]["text"] if "specversion" in event else event["text"])


type Event = (
    Note
    | Accepted
    | Erased
    | Wrote
    | Saved
    | Repeated
    | Decided
    | Started
    | Stopped
    | Hooked
    | Ended
    | Sent
    | Acknowledged
    | Blown
    | Outlived
    | Forgotten
    | Deleted
    | Raised
    | Rest
)


@dataclass(slots=True)
class History:
    """Events in their order, each with the seconds since the start; ``cells`` counts faults."""

    events: list[tuple[float, Event]] = field(default_factory=list)
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)

    def of[E: Event](self, kind: type[E]) -> Iterator[E]:
        return (event for _, event in self.events if isinstance(event, kind))

    def rest(self) -> Rest:
        """Raises ``StopIteration`` for a history without an end."""
        return next(self.of(Rest))

    def trace(self) -> str:
        """One line an event."""
        return "\n".join(f"{at:10.1f}s  {shown(event)}" for at, event in self.events)


def shown(event: Event) -> str:
    """The event in a line, records by what matters of them."""
    match event:
        case Note(text=text):
            return text
        case Wrote():
            change = f"{_record(event.before)} -> {_record(event.after)}"
            return f"{event.by}: {event.call} {event.after.job_id}: {change}"
        case Saved(after=after):
            marks = {slot: f"{mark.generation} {mark.state}" for slot, mark in after.marks.items()}
            return f"{event.by}: {after.container_id}: {after.control} {marks}"
        case Acknowledged():
            what = f"lets go of {event.message_id} of {event.job_id}"
            return f"{event.by}: {what} {_record(event.record)}, {event.others} others"
        case Rest():
            states = {job_id: _record(record) for job_id, record in event.records.items()}
            return f"rest: {states}, letters of {[letter.job_id for letter in event.letters]}"
        case _:
            return repr(event)


def _record(record: Record | None) -> str:
    if record is None:
        return "none"
    lease = record.lease
    signed = f" {lease.token}{' alone' if lease.alone else ''}" if lease else ""
    return f"[{record.state} {record.attempt}/{record.max_attempts}{signed}]"
