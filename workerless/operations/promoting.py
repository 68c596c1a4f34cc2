"""Jobs that wait shall run now: their records first, then their messages, as in redriving."""

from collections.abc import Sequence
from dataclasses import replace

from workerless.errors import JobNotFoundError
from workerless.operations.desk import Desk
from workerless.operations.outcome import Outcome, Result
from workerless.operations.redriving import MOVED, send_again
from workerless.record import Record


def promote_many(seen: Sequence[Record], desk: Desk) -> list[Outcome]:
    """What became of each job that waits or is held, in order; as ``get_many`` gave them.

    Asked again it finds them moved, and the sweeper sends what was not sent. Raises
    ``UnknownJobTypeError`` and ``StoreUnavailableError``.
    """
    outcomes, going = [], []
    for record in seen:
        after = _promoted(record, desk)
        if after is None:
            outcomes.append(Outcome(job_id=record.job_id, result=Result.SKIPPED, why=MOVED))
        else:
            outcomes.append(Outcome(job_id=record.job_id, result=Result.DONE))
            going.append(replace(after, body=record.body))
    if going:
        send_again(going, desk)
    return outcomes


def _promoted(record: Record, desk: Desk) -> Record | None:
    """Its record with the new time; None where it has moved on meanwhile."""
    now = desk.clock.now()
    try:
        after = desk.store.reschedule(record.job_id, run_at=now, at=now)
    except JobNotFoundError:
        return None
    return after if after.state.is_waiting and after.digest == record.digest else None
