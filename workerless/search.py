"""What an operator looks for among the jobs of a stage, and the rows that are found. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from workerless.errors import WorkerlessError
from workerless.fingerprint import fingerprint_of
from workerless.record import Record
from workerless.search_key import key_digest
from workerless.states import TROUBLED, State

# Of the last error's message: a row lies in an index, and is paid for by the kilobyte.
MAX_LISTED_MESSAGE = 200
MAX_LIMIT = 1_000
# What the index ``by_state`` holds of a job, beside its keys: all that ``Listed`` needs.
LISTED_ATTRIBUTES = (
    "attempt",
    "correlation_id",
    "enqueued_at",
    "error_message",
    "error_type",
    "expires_at",
    "fingerprint",
    "finished_at",
    "first_started_at",
    "generation",
    "max_attempts",
    "reason",
    "run_at",
    "sent_for",
    "started_at",
    "tags",
    "tenant",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which jobs are meant: all that is said must hold, None and empty say nothing.

    ``since`` (inclusive) and ``until`` (exclusive) are about the last change: of a job that has
    ended, its end. ``tags`` must all be there. ``keys`` are values of search keys by field, as
    text. ``text`` is looked for in id, reason, error and tags, capital or not.
    """

    job_type: str | None = None
    states: frozenset[State] = frozenset()
    tenant: str | None = None
    fingerprint: str | None = None
    error_type: str | None = None
    reason: str | None = None
    tags: frozenset[str] = frozenset()
    keys: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A job as a list shows it. ``error_type`` and ``message`` are those of its last error.

    Error and ``fingerprint`` are of jobs that failed, were discarded or are held; ``message`` is
    cut at 200 characters. All else is as in its record.
    """

    job_id: str
    job_type: str
    state: State
    updated_at: datetime
    enqueued_at: datetime
    run_at: datetime
    attempt: int
    max_attempts: int
    generation: int
    first_started_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    sent_for: datetime | None = None
    expires_at: datetime | None = None
    tenant: str | None = None
    correlation_id: str | None = None
    tags: tuple[str, ...] = ()
    reason: str | None = None
    error_type: str | None = None
    message: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Some rows, newest change first, and where the next page starts (None: no more).

    A page may hold fewer than were asked for, even none, and still have one after it.
    """

    rows: tuple[Listed, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many there are; ``at_least`` says that counting stopped there."""

    number: int
    at_least: bool = False


def listed(record: Record) -> Listed:
    """The row of a job."""
    error = record.errors[-1] if record.errors and record.state in TROUBLED else None
    return Listed(
        job_id=record.job_id,
        job_type=record.job_type,
        state=record.state,
        updated_at=record.updated_at,
        enqueued_at=record.enqueued_at,
        run_at=record.run_at,
        attempt=record.attempt,
        max_attempts=record.max_attempts,
        generation=record.generation,
        first_started_at=record.first_started_at,
        started_at=record.started_at,
        finished_at=record.finished_at,
        sent_for=record.sent_for,
        expires_at=record.expires_at,
        tenant=record.tenant,
        correlation_id=record.correlation_id,
        tags=record.tags,
        reason=record.reason,
        error_type=error.error_type if error else None,
        message=error.message[:MAX_LISTED_MESSAGE] if error else None,
        fingerprint=fingerprint_of(record),
    )


def matches(row: Listed, search: Search) -> bool:
    """Whether a job is meant; its search keys are not asked here."""
    return (
        _is_any(row.job_type, search.job_type)
        and (not search.states or row.state in search.states)
        and _is_any(row.tenant, search.tenant)
        and _is_any(row.fingerprint, search.fingerprint)
        and _is_any(row.error_type, search.error_type)
        and _is_any(row.reason, search.reason)
        and search.tags <= set(row.tags)
        and (search.since is None or row.updated_at >= search.since)
        and (search.until is None or row.updated_at < search.until)
        and (search.text is None or search.text.casefold() in _told(row))
    )


def has_keys(record: Record, search: Search) -> bool:
    """Whether a record has the values that ``search`` asks for."""
    return all(
        record.search_keys.get(field) == key_digest(text) for field, text in search.keys.items()
    )


def check(search: Search, limit: int) -> str:
    """The job type to search, once the rest is what a store can answer.

    Raises ``WorkerlessError``.
    """
    resting = {state for state in search.states if state.is_resting}
    if search.job_type is None:
        raise WorkerlessError("a store is searched for one job type at a time, got none")
    if not search.keys and (not search.states or (resting and len(search.states) > 1)):
        raise WorkerlessError(
            "a store is searched for one state that rests, or some that do not, or by a key, got "
            f"{sorted(search.states)}"
        )
    check_limit(limit)
    return search.job_type


def check_limit(limit: int) -> None:
    """Raises ``WorkerlessError``."""
    if not 1 <= limit <= MAX_LIMIT:
        raise WorkerlessError(f"limit must be between 1 and {MAX_LIMIT}, got {limit}")


def canonical(search: Search) -> str:
    """The same text for the same search, another for any other."""
    said = {
        **asdict(search),
        "states": sorted(search.states),
        "tags": sorted(search.tags),
        "since": search.since.isoformat() if search.since else None,
        "until": search.until.isoformat() if search.until else None,
    }
    return json.dumps(said, sort_keys=True)


def _is_any(value: str | None, wanted: str | None) -> bool:
    return wanted is None or value == wanted


def _told(row: Listed) -> str:
    texts = (row.job_id, row.reason, row.error_type, row.message, *row.tags)
    return "\n".join(text for text in texts if text).casefold()
