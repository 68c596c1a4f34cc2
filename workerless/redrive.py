"""What a person decides about a failed job, as pure functions: redrive it, or dismiss it.

A redrive is one write: the job is pending (or scheduled) again, under the next generation, so that
whatever is left of the one before is known for what it is. Who decided signs the record: a repeated
request finds its own work and does it once.

* ``seen`` is the record as ``Store.get_many`` gave it. A job that has moved since is left alone.
* Errors and steps are kept: what a step did was done, whatever its payload says by now. So is the
  checkpoint, but not with another payload: it would skip what nobody has done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from workerless.record import Record
from workerless.retention import has_expired
from workerless.states import State

# Messages of payloads before these are taken for those of another job.
MAX_FORMER_DIGESTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Another payload for a job: the whole message, the payload's digest and its search keys."""

    body: str
    digest: str
    search_keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive:
    """A failed job that shall run again at ``run_at``, with another payload if ``edit`` has one.

    ``by`` names the request: another one for the same job has another name. Raises ``ValueError``
    for a job that was seen not to have failed.
    """

    seen: Record
    by: str
    at: datetime
    run_at: datetime
    edit: Edit | None = None

    def __post_init__(self) -> None:
        _check_failed(self.seen)

    @property
    def job_id(self) -> str:
        return self.seen.job_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    """A failed job that nobody wants any more; ``by`` as in ``Redrive``."""

    seen: Record
    by: str
    at: datetime
    reason: str
    expires_at: datetime

    def __post_init__(self) -> None:
        _check_failed(self.seen)

    @property
    def job_id(self) -> str:
        return self.seen.job_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What became of one decision.

    ``is_done`` tells that it was carried out, now or when it was first asked for. ``record`` is
    what stands there now, body left out; None where there is none.
    """

    is_done: bool
    record: Record | None


def is_as_seen(record: Record | None, seen: Record, at: datetime) -> bool:
    """Whether it is still the failed job that ``seen`` shows, and its time is not over.

    Under the same id another may have failed since, alike in all but the moment, or filed since,
    alike in all but its letter.
    """
    return (
        record is not None
        and record.state is State.FAILED
        and _is_job_of(record, seen)
        and record.generation == seen.generation
        and (record.updated_at, record.filed_from) == (seen.updated_at, seen.filed_from)
        and not has_expired(record, at)
    )


def redriven(record: Record, redrive: Redrive) -> Record:
    """The record of a failed job that runs again: as if it never had, but for what it did."""
    again = replace(
        record,
        state=State.SCHEDULED if redrive.run_at > redrive.at else State.PENDING,
        generation=record.generation + 1,
        attempt=0,
        lease=None,
        run_at=redrive.run_at,
        updated_at=redrive.at,
        redriven_at=redrive.at,
        redriven_by=redrive.by,
        sent_for=None,
        start_by=None,
        cancel_reason=None,
        first_started_at=None,
        started_at=None,
        finished_at=None,
        progress=None,
        result=None,
        reason=None,
        expires_at=None,
        continuations=0,
        stalled_at=None,
        heartbeat_at=None,
    )
    return again if redrive.edit is None else _edited(again, redrive.edit)


def is_redriven_by(record: Record | None, redrive: Redrive) -> bool:
    """Whether this very redrive is what ``record`` goes by, however far it has come since."""
    return (
        record is not None
        and record.job_type == redrive.seen.job_type
        and record.generation == redrive.seen.generation + 1
        and record.redriven_by == redrive.by
    )


def dismissed(record: Record, dismissal: Dismissal) -> Record:
    """The record of a failed job that is no longer wanted."""
    return replace(
        record,
        state=State.DISCARDED,
        reason=dismissal.reason,
        dismissed_by=dismissal.by,
        updated_at=dismissal.at,
        expires_at=dismissal.expires_at,
    )


def is_dismissed_by(record: Record | None, dismissal: Dismissal) -> bool:
    """Whether this very dismissal is what ``record`` goes by."""
    return (
        record is not None
        and record.state is State.DISCARDED
        and _is_job_of(record, dismissal.seen)
        and record.generation == dismissal.seen.generation
        and record.dismissed_by == dismissal.by
    )


def _check_failed(seen: Record) -> None:
    if seen.state is not State.FAILED:
        raise ValueError(f"seen must be a failed job, got {seen.job_id} which is {seen.state}")


def _is_job_of(record: Record, seen: Record) -> bool:
    """Another job may have the id by now."""
    return (record.job_type, record.digest) == (seen.job_type, seen.digest)


def _edited(record: Record, edit: Edit) -> Record:
    former = (*record.former_digests, record.digest)[-MAX_FORMER_DIGESTS:]
    return replace(
        record,
        body=edit.body,
        digest=edit.digest,
        former_digests=former,
        search_keys=edit.search_keys,
        checkpoint=None,
    )
