"""The protocol as pure functions: what a claim is granted, and what a record becomes.

A store applies these atomically. The in-memory store calls them; the DynamoDB store says the same
in condition expressions and asks ``judge`` why a condition failed. One contract suite holds both to
it.

* Claim: needs its own job type, no live lease, a due ``run_at``, a generation not older than the
  record's.
* Finish and progress: need the lease's token. The token stays in the record, so that a writer
  whose answer was lost can see that it won.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

from workerless.data_ref import DataRef
from workerless.frozen import frozen, replace
from workerless.record import MAX_ERRORS, AttemptError, Lease, Record
from workerless.retention import has_expired
from workerless.states import State, may_become

# Stores may keep an instant in whole milliseconds.
_STORED_PRECISION = timedelta(milliseconds=1)


@frozen
class Claim:
    """One attempt asking for its job.

    ``new`` is the record to make when there is none (bare and foreign messages), else None.
    ``generation`` is the message's, None when it carries none. A record of another ``job_type``
    is none of this claim's business. ``takes_over`` False leaves a job whose attempt died alone.
    """

    job_id: str
    job_type: str
    lease: Lease
    now: datetime
    generation: int | None = None
    new: Record | None = None
    takes_over: bool = True


class Verdict(Enum):
    """What a claim meets."""

    GRANTED = "granted"
    ENDED = "ended"  # resting: nothing to run
    STALE = "stale"  # the message is of a generation before a redrive
    LEASED = "leased"  # another attempt is at work
    EARLY = "early"  # run_at is still to come
    CRASHED = "crashed"  # an attempt died; only a claim that is alone may take over
    DIED = "died"  # an attempt died, and the claim does not take over
    EXHAUSTED = "exhausted"  # it died alone, and it was the last attempt
    TAKEN = "taken"  # a new job's id is that of another, with another payload or type
    MISSING = "missing"  # no record, or another job type's, though the message says there is one


def judge(record: Record | None, claim: Claim) -> Verdict:
    """What ``claim`` meets when ``record`` is all there is."""
    record = in_the_way(record, claim)
    if record is None:
        return Verdict.GRANTED if claim.new else Verdict.MISSING
    if not _is_its_job(record, claim):
        return Verdict.TAKEN if claim.new else Verdict.MISSING
    if (claim.generation or 1) < record.generation:
        return Verdict.STALE  # what is sent of a later generation says which
    if record.state.is_resting:
        return Verdict.ENDED
    if record.state is State.PROCESSING:
        return _judge_running(record, claim)
    # A pending job was never told to wait: only its producer's clock could say that it is early.
    is_early = record.state is not State.PENDING and record.run_at > claim.now
    return Verdict.EARLY if is_early else Verdict.GRANTED


def in_the_way(record: Record | None, claim: Claim) -> Record | None:
    """``record``, unless it is past its time, deleted or not: then its id is free for a new job.

    A message that speaks of a record still meets it: a late duplicate is better acknowledged.
    """
    is_free = record is not None and claim.new is not None and has_expired(record, claim.now)
    return None if is_free else record


def _is_its_job(record: Record, claim: Claim) -> bool:
    """Whether the record found under the claim's id is of the job that the claim is for."""
    return record.job_type == claim.job_type and (
        claim.new is None or is_payload_of(record, claim.new.digest)
    )


def is_payload_of(record: Record, digest: str) -> bool:
    """Whether the job has this payload, or had it before it was edited."""
    return digest == record.digest or digest in record.former_digests


def _judge_running(record: Record, claim: Claim) -> Verdict:
    lease = record.lease
    if lease is None or lease.token == claim.lease.token:
        return Verdict.GRANTED  # our own claim, whose answer was lost
    if lease.until > claim.now:
        return Verdict.LEASED
    if not claim.takes_over:
        return Verdict.DIED
    is_last = record.attempt >= record.max_attempts and not record.has_advanced
    if lease.alone and is_last:
        return Verdict.EXHAUSTED
    return Verdict.GRANTED if claim.lease.alone else Verdict.CRASHED


def claimed(record: Record | None, claim: Claim) -> Record:
    """The record once ``claim`` was granted: processing, leased, one attempt more.

    Taking over from an attempt that died in company adds none: it may never have started. One that
    had moved the cursor cost none, nor did those before it. The first start is noted when a second
    attempt is certain, so that a claim need not know whether it is it.
    """
    base = in_the_way(record, claim) or claim.new
    if base is None:
        raise ValueError(f"no record and none to make for job {claim.job_id}")
    if base.lease is not None and base.lease.token == claim.lease.token:
        return base
    died = base.state is State.PROCESSING and base.lease is not None
    refunded = died and base.lease is not None and not base.lease.alone
    goes_on = died and base.has_advanced
    attempt = base.attempt if refunded else base.attempt + 1
    is_news = died and not base.is_known_dead
    return replace(
        base,
        state=State.PROCESSING,
        lease=claim.lease,
        attempt=1 if goes_on else attempt,
        continuations=base.continuations + goes_on,
        stalled_at=claim.now if is_news else base.stalled_at,
        first_started_at=_first_start(base),
        started_at=claim.now,
        updated_at=claim.now,
    )


@frozen
class Finish:
    """The end of one attempt, to be written only by the holder of the lease in ``held``.

    ``held`` is the record as the claim returned it, with the checkpoint that the attempt reached.
    Attempt and errors are counted on from there: nobody but the holder changes them. ``refund``
    gives the attempt back (a snooze); a moved cursor gives all of them back. ``began``
    False tells that the handler was never called: such a start is forgotten. ``error`` is appended
    to the last five. ``waits`` is what gates remember of it. ``listed`` False keeps a job that has
    ended out of all listings. ``if_untold`` holds only while nobody has sent it an event, or called
    it off, since it was claimed.
    """

    held: Record
    state: State
    at: datetime
    run_at: datetime | None = None
    result: str | DataRef | None = None
    reason: str | None = None
    error: AttemptError | None = None
    refund: bool = False
    began: bool = True
    expires_at: datetime | None = None
    waits: Mapping[str, str] | None = None
    listed: bool = True
    if_untold: bool = False

    @property
    def job_id(self) -> str:
        return self.held.job_id

    @property
    def token(self) -> str:
        """The lease's own; empty, which is no lease's, for a record that nobody holds."""
        return self.held.lease.token if self.held.lease else ""

    @property
    def goes_on(self) -> bool:
        """Whether the job waits to go on from where this attempt brought it."""
        return self.state.is_waiting and self.began and self.held.has_advanced

    @property
    def errors(self) -> tuple[AttemptError, ...]:
        """The last errors, this attempt's included."""
        added = (self.error,) if self.error else ()
        return (*self.held.errors, *added)[-MAX_ERRORS:]


def may_finish(record: Record | None, finish: Finish) -> bool:
    """Whether the job is running under the lease that signs ``finish``."""
    if record is None or not runs_under(record, finish.token):
        return False
    is_untold = record.events == finish.held.events and record.cancel_reason is None
    return is_untold or not finish.if_untold


def runs_under(record: Record, token: str) -> bool:
    """Whether the job is running under this lease."""
    lease = record.lease if record.state is State.PROCESSING else None
    return lease is not None and lease.token == token


def is_finished_by(record: Record | None, finish: Finish) -> bool:
    """Whether ``record`` already shows this very finish: our write won, its answer was lost.

    The token alone does not tell: who finds a job's last attempt dead ends it under that attempt's
    token, and so would another who found the same, or the attempt itself if it only slept.
    """
    return (
        record is not None
        and record.lease is not None
        and record.lease.token == finish.token
        and record.state is finish.state
        and record.state is not State.PROCESSING
        and record.reason == finish.reason
        and abs(record.updated_at - finish.at) < _STORED_PRECISION
    )


def finished(record: Record, finish: Finish) -> Record:
    """The record after ``finish``. The lease stays, as the signature of who finished."""
    if not may_become(record.state, finish.state):
        raise ValueError(f"a job cannot go from {record.state} to {finish.state}")
    terminal, held = finish.state.is_terminal, finish.held
    notes_start = finish.began and not terminal
    return replace(
        record,
        state=finish.state,
        attempt=0 if finish.goes_on else held.attempt - finish.refund,
        continuations=held.continuations + finish.goes_on,
        checkpoint=held.checkpoint if held.has_advanced else record.checkpoint,
        first_started_at=_first_start(held) if notes_start else record.first_started_at,
        started_at=record.started_at if finish.began else None,
        run_at=finish.run_at or record.run_at,
        result=finish.result if finish.result is not None else record.result,
        reason=finish.reason,
        errors=finish.errors,
        waits=finish.waits,
        finished_at=finish.at if terminal else None,
        updated_at=finish.at,
        expires_at=finish.expires_at,
    )


def _first_start(record: Record) -> datetime | None:
    return record.first_started_at or record.started_at


def rescheduled(record: Record, *, run_at: datetime, at: datetime) -> Record:
    """The record of a waiting or held job that shall run at another time.

    What is told to run later than it may begin may begin later. Who is only woken, to run now, may
    not, and stays called off.
    """
    start_by = record.start_by
    is_lifted = start_by is not None and run_at > at and run_at >= start_by
    return replace(
        record,
        state=State.SCHEDULED,
        run_at=run_at,
        updated_at=at,
        reason=None,
        start_by=None if is_lifted else start_by,
    )


def given_up(
    record: Record, *, at: datetime, reason: str, error: AttemptError, expires_at: datetime
) -> Record:
    """The record of a job that nobody is at work on and no message can reach: failed."""
    return replace(
        record,
        state=State.FAILED,
        reason=reason,
        errors=(*record.errors, error)[-MAX_ERRORS:],
        finished_at=at,
        updated_at=at,
        expires_at=expires_at,
    )


def asked_to_end(record: Record, reason: str) -> Record:
    """The record of a running job that its caller no longer wants: its attempt may heed that."""
    return replace(record, cancel_reason=record.cancel_reason or reason)


def cancelled(record: Record, *, at: datetime, reason: str, expires_at: datetime) -> Record:
    """The record of a waiting or held job that its caller no longer wants."""
    return replace(
        record,
        state=State.CANCELLED,
        reason=reason,
        finished_at=at,
        updated_at=at,
        expires_at=expires_at,
    )
