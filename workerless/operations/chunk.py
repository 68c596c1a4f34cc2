"""Some jobs that a bulk operation has in hand: what it does with each, however often it tries."""

from collections.abc import Sequence
from dataclasses import replace

from workerless.ledger import Kind, Operation, Taken
from workerless.operations.desk import Desk
from workerless.operations.ending import archive_many, cancel_many, discard_many, is_cancelled_by
from workerless.operations.outcome import Outcome, Result
from workerless.operations.promoting import promote_many
from workerless.operations.redriving import MOVED, retry_many, send_again
from workerless.record import Record
from workerless.search import listed, matches
from workerless.states import State

# Jobs done in one step, a second or less.
STEP = 200
_PROBLEMS = 10


def carry_out(operation: Operation, desk: Desk) -> list[Outcome]:
    """What became of each of the first jobs in hand, in order.

    Ended anywhere and done again, it does no job twice: whose work a record shows, it says. Raises
    as ``retry_many`` and ``archive_many`` do.
    """
    jobs = operation.in_hand[:STEP]
    records = desk.store.get_many([job.job_id for job in jobs])
    both = list(zip(jobs, records, strict=True))
    done = [record for job, record in both if record and _is_done(operation, job, record)]
    if operation.kind is Kind.RETRY:
        send_again([one for one in done if _may_be_unsent(one)], desk)
    meant = [record for job, record in both if record and _is_meant(operation, job, record)]
    became = {one.job_id: one for one in _act(operation, meant, desk)}
    became |= {one.job_id: Outcome(job_id=one.job_id, result=Result.DONE) for one in done}
    return [
        became.get(job.job_id) or Outcome(job_id=job.job_id, result=Result.SKIPPED, why=MOVED)
        for job in jobs
    ]


def settled(operation: Operation, outcomes: Sequence[Outcome]) -> Operation:
    """The operation once the first of its jobs in hand were seen to."""
    counts, problems = operation.counts, dict(operation.problems)
    for one in outcomes:
        match one.result:
            case Result.DONE:
                counts = replace(counts, done=counts.done + 1)
            case Result.SKIPPED:
                counts = replace(counts, skipped=counts.skipped + 1)
            case Result.FAILED:
                counts = replace(counts, failed=counts.failed + 1)
                if len(problems) < _PROBLEMS:
                    problems[one.job_id] = one.why or "unknown"
    left = operation.in_hand[len(outcomes) :]
    return replace(operation, counts=counts, problems=problems, in_hand=left)


def reason_of(operation: Operation) -> str:
    """What the record of a job says that this operation ended: it is its signature, too.

    Who began it is in the audit: a job's tenant, who may read this, has no business with that.
    """
    why = f": {operation.why}" if operation.why else ""
    return f"operation {operation.operation_id}{why}"


def _act(operation: Operation, meant: Sequence[Record], desk: Desk) -> list[Outcome]:
    by, why = operation.operation_id, reason_of(operation)
    match operation.kind:
        case Kind.RETRY:
            return retry_many(meant, desk, by=by)
        case Kind.DISCARD:
            return discard_many(meant, desk, by=by, why=why)
        case Kind.ARCHIVE:
            return archive_many(meant, desk, by=by, why=why)
        case Kind.CANCEL:
            return cancel_many(meant, desk, why=why)
        case Kind.PROMOTE:
            return promote_many(meant, desk)


def _is_meant(operation: Operation, job: Taken, record: Record) -> bool:
    """Whether it still is what was found, and failed before the operation was there.

    Clocks that disagree may tell so of one that failed after it: its own retry it knows by name.
    """
    is_as_found = record.generation == job.generation and matches(listed(record), operation.search)
    return is_as_found and record.redriven_by != operation.operation_id


def _is_done(operation: Operation, job: Taken, record: Record) -> bool:
    by = operation.operation_id
    match operation.kind:
        case Kind.RETRY:
            return record.redriven_by == by and record.generation == job.generation + 1
        case Kind.DISCARD | Kind.ARCHIVE:
            return record.dismissed_by == by and record.generation == job.generation
        case Kind.CANCEL:
            return is_cancelled_by(record, reason_of(operation))
        case Kind.PROMOTE:
            return _is_promoted(operation, record)


def _is_promoted(operation: Operation, record: Record) -> bool:
    """It waits for nothing any more since the operation began, whoever it was that promoted it."""
    is_now = record.state is State.SCHEDULED and record.run_at == record.updated_at
    return is_now and record.updated_at >= operation.created_at


def _may_be_unsent(record: Record) -> bool:
    """Whoever retried it may have died before its message was sent."""
    return record.state is State.PENDING and record.attempt == 0
