"""What a new job meets where jobs are unique: pure rules over the last job of its key.

Of each key a store keeps which job came last, nothing else. Whether that one still stands in the
way is what its record says, so nothing is released when a job starts, ends or dies.
"""

from datetime import datetime, timedelta

from workerless.due import is_parked
from workerless.flow.unique import Debounce, OnDuplicate, Unique, Uniqueness, Until
from workerless.frozen import frozen, replace
from workerless.record import Record
from workerless.redrive import MAX_FORMER_DIGESTS
from workerless.states import State

SUPERSEDED = "superseded"


@frozen
class Fresh:
    """Nothing is in the way: the new job runs at ``run_at``."""

    run_at: datetime


@frozen
class Same:
    """``last`` is in the way, and stays as it is."""

    last: Record


@frozen
class Replacing:
    """``last`` has not begun: it takes the new payload, and runs at ``run_at``."""

    last: Record
    run_at: datetime

    @property
    def has_message(self) -> bool:
        """Whether a message of the job comes in time, so that none need be sent."""
        was_parked = is_parked(self.last.run_at - self.last.updated_at)
        return not was_parked and self.run_at >= self.last.run_at


@frozen
class Superseding:
    """``last`` waits: it is cancelled, and the new job runs at ``run_at``."""

    last: Record
    run_at: datetime


type Meeting = Fresh | Same | Replacing | Superseding


def meet(rule: Uniqueness, last: Record | None, *, now: datetime, delay: timedelta) -> Meeting:
    """What a job that is enqueued now meets. ``delay`` is what its caller asked for.

    ``last`` is the last job of its key, None where there never was one or its record is gone.
    """
    if isinstance(rule, Debounce):
        return _debounced(rule, last, now)
    run_at = now + delay
    if last is None or _is_over(rule, last, now):
        return Fresh(run_at=run_at)
    match rule.on_duplicate:
        case OnDuplicate.REJECT:
            return Same(last=last) if _stands(rule.until, last) else Fresh(run_at=run_at)
        case OnDuplicate.REPLACE if last.state.is_waiting and not _has_begun(last):
            return Replacing(last=last, run_at=last.run_at if _is_held_back(last) else run_at)
        case _:
            return _after(last, run_at)


def replaced(new: Record, at: Replacing, now: datetime) -> Record:
    """The record of a job that takes what ``new`` brings.

    Its messages stay what they are: whoever claims it by one of the old payload reads the new one
    (``former_digests`` tells that there was another). So it loses no place in its queue, however
    often it is replaced.
    """
    last, keeps_its_time = at.last, at.run_at == at.last.run_at
    former = (*last.former_digests, last.digest)[-MAX_FORMER_DIGESTS:]
    told = last.correlation_id if new.correlation_id == new.job_id else new.correlation_id
    return replace(
        new,
        job_id=last.job_id,
        state=last.state if keeps_its_time else State.SCHEDULED,
        reason=last.reason if keeps_its_time else None,
        waits=last.waits if keeps_its_time else None,
        generation=last.generation,
        enqueued_at=last.enqueued_at,
        run_at=at.run_at,
        updated_at=now,
        correlation_id=told,
        errors=last.errors,
        former_digests=former if last.digest != new.digest else last.former_digests,
        redriven_at=last.redriven_at,
        redriven_by=last.redriven_by,
    )


def placed(record: Record, run_at: datetime, now: datetime) -> Record:
    """A new job's record, to run at ``run_at``."""
    state = State.SCHEDULED if run_at > now else State.PENDING
    return replace(record, run_at=run_at, state=state)


def _debounced(rule: Debounce, last: Record | None, now: datetime) -> Meeting:
    later = now + rule.wait
    if last is None:
        return Fresh(run_at=now if rule.leading else later)
    if last.state.is_waiting and not _has_begun(last):
        latest = last.enqueued_at + rule.max_delay if rule.max_delay else later
        # One that is due waits for a worker, not for quiet.
        has_its_time = last.run_at <= now or _is_held_back(last)
        return Replacing(last=last, run_at=last.run_at if has_its_time else min(later, latest))
    is_first = rule.leading and now >= last.enqueued_at + rule.wait
    return _after(last, now if is_first else later)


def _after(last: Record, run_at: datetime) -> Meeting:
    if last.state.is_waiting:
        return Superseding(last=last, run_at=run_at)
    return Fresh(run_at=run_at)


def _is_over(rule: Unique, last: Record, now: datetime) -> bool:
    return rule.within is not None and now >= last.enqueued_at + rule.within


def _stands(until: Until, last: Record) -> bool:
    match until:
        case Until.STARTED:
            return last.state.is_waiting and not _has_begun(last)
        case Until.DONE:
            return not last.state.is_terminal
        case Until.WINDOW_OVER:
            return last.state is not State.CANCELLED


def _is_held_back(last: Record) -> bool:
    """Whether a gate has told it when to come back: it would lose its place by another time."""
    return last.state is State.SCHEDULED and last.reason is not None


def _has_begun(last: Record) -> bool:
    """Also of a job that was told to come back, its attempt spent or not."""
    return last.attempt > 0 or last.started_at is not None
