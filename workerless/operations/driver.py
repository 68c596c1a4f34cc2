"""Drives a bulk operation on, a step at a time: take jobs, do them, look how they end, clear up.

The jobs of a step are written down before the first of them is touched, each is done at most once
whoever tries, and what came of them is written under the version that was read. So several drivers
do the same work and count it once, and one that dies costs a few seconds. They keep out of each
other's way for speed alone: nothing depends on it, and no clock is trusted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workerless.errors import UnknownJobTypeError
from workerless.execution.letter_step import Deed
from workerless.execution.letter_sweep import sweep_letters
from workerless.execution.sweep import Sweeper
from workerless.ledger import Entry, Operation, Phase, Stand, Taken
from workerless.operations import canary
from workerless.operations.chunk import carry_out, settled
from workerless.operations.desk import Desk
from workerless.operations.outcome import Outcome, Result

# Jobs in hand at a time: a search costs its calls however few it finds, and the operation's item
# grows by some 50 bytes for each.
CHUNK = 1_000
# A driver that has written nothing for so long may be dead.
SILENCE = timedelta(seconds=5)
LETTERS = 200
_FOR_LETTERS = timedelta(seconds=10)
# What a rate did not use is made up for, but no more of it.
_CREDIT = timedelta(seconds=1)


def advance(
    operation_id: str, desk: Desk, has_time: Callable[[], bool], *, driver: str
) -> Operation:
    """The operation once it has ended, has to wait, or ``has_time`` says no.

    ``driver`` names this process; left alone while another one is at work on it.
    """
    operation = desk.ledger.operation(operation_id)
    while operation.stand is Stand.RUNNING and has_time():
        if _is_driven_by_another(operation, driver, desk.clock.now()):
            return operation
        step = _step(operation, desk)
        if step.after == operation:
            return operation
        operation = _kept(operation, step, desk, driver)
    return operation


def _is_driven_by_another(operation: Operation, driver: str, now: datetime) -> bool:
    """Who only waits stands in nobody's way."""
    is_busy = bool(operation.in_hand) or operation.phase is Phase.LETTERS
    is_recent = abs(now - operation.updated_at) < SILENCE
    return is_busy and is_recent and operation.driver not in (None, driver)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """The operation after a step, and what came of the jobs that it had in hand before."""

    after: Operation
    outcomes: Sequence[Outcome] = ()


def _kept(before: Operation, step: _Step, desk: Desk, driver: str) -> Operation:
    """The operation as it is now: after the step, or as somebody else made it meanwhile."""
    after = replace(step.after, updated_at=desk.clock.now(), driver=driver)
    if after.stand is not Stand.RUNNING:
        after = replace(after, ended_at=after.updated_at)
        desk.ledger.note(_entry(after))  # first: who dies in between ends it again
    if desk.ledger.save(after):
        return replace(after, version=after.version + 1)
    latest = desk.ledger.operation(before.operation_id)
    if before.in_hand and latest.in_hand == before.in_hand:
        # It was ended while we had these in hand: they are done and shall be counted.
        counted = settled(latest, step.outcomes)
        if desk.ledger.save(counted):
            return replace(counted, version=counted.version + 1)
        return desk.ledger.operation(before.operation_id)
    return latest


def _step(operation: Operation, desk: Desk) -> _Step:
    try:
        return _next(operation, desk)
    except UnknownJobTypeError as error:
        # Its stack was deleted, its letters with it; once it is there again jobs may go on.
        stand = Stand.DONE if operation.phase is Phase.LETTERS else Stand.STOPPED
        return _Step(after=replace(operation, stand=stand, ended_because=str(error)))


def _next(operation: Operation, desk: Desk) -> _Step:
    match operation.phase:
        case Phase.JOBS:
            outcomes = carry_out(operation, desk) if operation.in_hand else []
            return _Step(after=_after_jobs(operation, outcomes, desk), outcomes=outcomes)
        case Phase.WATCH:
            return _Step(after=_watched(operation, desk))
        case Phase.LETTERS:
            return _Step(after=_cleared(operation, desk))


def _after_jobs(operation: Operation, outcomes: Sequence[Outcome], desk: Desk) -> Operation:
    done = {one.job_id for one in outcomes if one.result is Result.DONE}
    taken = [job for job in operation.in_hand if job.job_id in done]
    after = canary.retried(settled(operation, outcomes), taken)
    if canary.stage_size(after) is None:
        after = _watched(after, desk)
    if after.stand is not Stand.RUNNING:
        return after
    if after.in_hand:
        return after
    is_full = canary.room(after) == 0
    if is_full or (after.is_searched and after.watched and canary.stage_size(after)):
        return replace(after, phase=Phase.WATCH)
    if after.is_searched and after.kind.is_for_waiting and after.counts.done > after.done_before:
        # The index of jobs that wait moves while it is read, so some may have been passed by.
        return replace(after, is_searched=False, done_before=after.counts.done)
    if after.is_searched:
        return replace(after, phase=Phase.LETTERS)
    return _taken(after, desk)


def _watched(operation: Operation, desk: Desk) -> Operation:
    if not operation.watched:
        return canary.judged(operation)
    records = desk.store.get_many([job.job_id for job in operation.watched])
    return canary.judged(canary.looked(operation, records))


def _taken(operation: Operation, desk: Desk) -> Operation:
    """With the next jobs in hand; as it was where its rate allows none yet."""
    now = desk.clock.now()
    if operation.paid_until is not None and operation.paid_until > now:
        return operation
    limit = min(_per_second(operation), canary.room(operation) or CHUNK)
    found = desk.store.search(operation.search, limit=limit, cursor=operation.cursor)
    jobs = tuple(Taken(job_id=row.job_id, generation=row.generation) for row in found.rows)
    return replace(
        operation,
        in_hand=jobs,
        cursor=found.cursor,
        is_searched=found.cursor is None,
        paid_until=_paid_until(operation, len(jobs), now),
    )


def _per_second(operation: Operation) -> int:
    return CHUNK if operation.rate is None else min(max(int(operation.rate), 1), CHUNK)


def _paid_until(operation: Operation, jobs: int, now: datetime) -> datetime | None:
    if operation.rate is None:
        return None
    since = max(operation.paid_until or now, now - _CREDIT)
    return since + timedelta(seconds=jobs / operation.rate)


def _cleared(operation: Operation, desk: Desk) -> Operation:
    """Some letters fewer; done once there are no more, or as many went as jobs were done."""
    counts = operation.counts
    done = replace(operation, stand=Stand.DONE)
    if operation.kind.is_for_waiting or counts.letters >= counts.done:
        return done
    address = desk.directory.find(operation.search.job_type or "")
    sweeper = Sweeper(
        store=desk.store,
        queue=desk.queue,
        blobs=desk.blobs,
        directory=desk.directory,
        clock=desk.clock,
        telemetry=desk.telemetry,
        until=desk.clock.now() + _FOR_LETTERS,
    )
    deeds = sweep_letters(address, sweeper, looks=LETTERS)
    counts = replace(counts, letters=counts.letters + deeds[Deed.DROPPED])
    after = replace(operation, counts=counts)
    # It looked at fewer than it might have, and had the time: no more are there.
    is_empty = deeds[Deed.SEEN] < LETTERS and sweeper.has_time()
    return replace(after, stand=Stand.DONE) if is_empty or after == operation else after


def _entry(operation: Operation) -> Entry:
    """The operation's own, which was written before it began."""
    return entry_of(operation, outcome=operation.stand.value, number=operation.counts.done)


def entry_of(operation: Operation, *, outcome: str | None, number: int | None) -> Entry:
    """An operation's line of the audit; its id is the operation's."""
    return Entry(
        entry_id=operation.operation_id,
        at=operation.created_at,
        by=operation.by,
        verb=f"bulk {operation.kind}",
        on=told(operation),
        why=operation.why,
        outcome=outcome,
        number=number,
    )


def told(operation: Operation) -> str:
    """The search in words, for people."""
    search = operation.search
    said = {
        "job type": search.job_type,
        "tenant": search.tenant,
        "fingerprint": search.fingerprint,
        "error type": search.error_type,
        "reason": search.reason,
        "tags": ", ".join(sorted(search.tags)) or None,
        "keys": ", ".join(f"{name}={value}" for name, value in sorted(search.keys.items())) or None,
        "text": search.text,
        "since": search.since.isoformat() if search.since else None,
    }
    return "; ".join(f"{name} {value}" for name, value in said.items() if value)
