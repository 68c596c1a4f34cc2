"""The one place that acts on an outcome: the record first, then the message.

Three steps: ``end`` says what the record shall say, ``write`` writes it, ``act`` deals with the
message and returns whether Lambda may delete it. A record is written before a message is
sent, hidden or given up; a process that dies in between leaves a message that comes back to a
record which knows better.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from workerless.execution import announce
from workerless.execution.admission import STORE_DOWN, Admitted, Refused
from workerless.execution.arrival import Arrival
from workerless.execution.each import each
from workerless.execution.files import kept_while_waiting
from workerless.execution.redeliver import come_back, wait_outside
from workerless.execution.runtime import Runtime
from workerless.frozen import frozen
from workerless.outcome import (
    Awaiting,
    Cancelled,
    Completed,
    Continued,
    Deferred,
    Discarded,
    Duplicate,
    Failed,
    Fenced,
    Held,
    Lost,
    Outcome,
    Retried,
    Snoozed,
    Waiting,
)
from workerless.record import Record
from workerless.retention import result_retention
from workerless.states import State
from workerless.tracking import Tracking
from workerless.transition import Finish, finished

# A record that is not there may only have been unreadable for a moment.
_MISSING = Lost(reason="record_missing")
_RECEIVES_BEFORE_LOST = 3
_LOST_DELAY = timedelta(seconds=30)


@frozen
class Ended:
    """An attempt that ended, and what its record shall say; None when that is not ours to write."""

    run: Admitted
    outcome: Outcome
    finish: Finish | None


def end(run: Admitted, outcome: Outcome, runtime: Runtime) -> Ended:
    """An attempt that ended now."""
    return Ended(run=run, outcome=outcome, finish=_finish(run.record, outcome, runtime))


def write(ends: Sequence[Ended], runtime: Runtime) -> list[bool | None]:
    """Write the records in one call; False where another attempt owns the job.

    None where the store did not answer: the job's lease runs out, and the next claim decides.
    """
    finishes = [one.finish for one in ends if one.finish is not None]
    answers = iter(
        each(
            runtime.ports.store.finish_many,
            finishes,
            runtime.ports.telemetry,
            has_time=runtime.has_time_to_write,
        )
    )
    return [False if one.finish is None else next(answers) for one in ends]


def mark(written: Sequence[tuple[Ended, bool | None]], runtime: Runtime) -> list[bool]:
    """Whether the batch or workflow of each job knows of its end, as far as it has one to know."""
    if not any(one.run.record.member_of for one, _ in written):
        return [True] * len(written)
    from workerless.execution.marking import mark_ends  # noqa: PLC0415 -- few jobs are members

    return mark_ends([_over(one, answer) for one, answer in written], runtime)


def act(
    ended: Ended,
    answer: bool | None,  # noqa: FBT001 -- as written
    runtime: Runtime,
    *,
    is_marked: bool = True,
) -> bool:
    """Tell, and deal with the message; True to acknowledge it."""
    run, outcome, finish = ended.run, ended.outcome, ended.finish
    if answer is None:
        announce.unknown(run, runtime)
        return come_back(run.arrival, None, STORE_DOWN, runtime)
    if not answer and isinstance(outcome, Awaiting):
        # The event came, or the job was called off, since it looked; or it is another attempt's.
        again = end(run, Snoozed(delay=timedelta(0)), runtime)
        (answer,) = write([again], runtime)
        return act(again, answer, runtime)
    if finish is None or not answer:
        announce.held(Fenced(), run.arrival, run.record, runtime)
        return False
    record = finished(run.record, finish)
    announce.settled(outcome, run, record, runtime)
    if not is_marked:
        return come_back(run.arrival, record, STORE_DOWN, runtime)
    return _message(run.arrival, outcome, record, runtime)


def settle_refused(refused: Refused, runtime: Runtime) -> bool:
    """The same for a delivery that never ran."""
    arrival, record, outcome = refused.arrival, refused.record, refused.outcome
    if record is not None:
        outcome = kept_while_waiting(Admitted(arrival=arrival, record=record), outcome, runtime)
    if isinstance(outcome, Failed | Held) and record is not None:  # its attempt died
        ended = end(Admitted(arrival=arrival, record=record), outcome, runtime)
        (answer,) = write([ended], runtime)
        if answer:
            from workerless.execution.stalled import tell_ended  # noqa: PLC0415 -- few die

            tell_ended(record, runtime.ports.telemetry)
        (is_marked,) = mark([(ended, answer)], runtime)
        return act(ended, answer, runtime, is_marked=is_marked)
    if outcome == _MISSING and arrival.receive_count < _RECEIVES_BEFORE_LOST:
        outcome = Deferred(delay=_LOST_DELAY, why="record_missing")
    announce.held(outcome, arrival, record, runtime)
    if not _is_known(outcome, record, runtime):
        return come_back(arrival, record, STORE_DOWN, runtime)
    return _message(arrival, outcome, record, runtime)


def _over(ended: Ended, answer: bool | None) -> Record | None:  # noqa: FBT001 -- as written
    """The record of a job that has ended here for good."""
    finish = ended.finish
    if finish is None or not answer or not finish.state.is_terminal:
        return None
    return finished(ended.run.record, finish)


def _is_known(outcome: Outcome, record: Record | None, runtime: Runtime) -> bool:
    """Of a duplicate: who ended its job may have died before its batch or workflow knew."""
    if not isinstance(outcome, Duplicate) or record is None or record.member_of is None:
        return True
    if not record.state.is_terminal:
        return True
    from workerless.execution.marking import mark_ends  # noqa: PLC0415 -- as above

    return mark_ends([record], runtime) == [True]


def _finish(record: Record, outcome: Outcome, runtime: Runtime) -> Finish | None:
    """What the record must say; None when it is no longer ours to write."""
    return _ended(record, outcome, runtime) or _comes_back(record, outcome, runtime)


def _ended(record: Record, outcome: Outcome, runtime: Runtime) -> Finish | None:
    """The same for a job that comes to rest."""
    now, job_type = runtime.ports.clock.now(), runtime.job_type
    is_listed = job_type.tracking is Tracking.FULL  # unless it failed: that is what people look for
    signed = partial(Finish, held=record, at=now)
    match outcome:
        case Completed(result=result, ref=ref):
            until = now + result_retention(record, job_type.completed_retention)
            return signed(
                state=State.COMPLETED, result=ref or result, expires_at=until, listed=is_listed
            )
        case Failed(reason=reason, error=error):
            until = now + job_type.failed_retention
            return signed(state=State.FAILED, reason=reason, error=error, expires_at=until)
        case Discarded(reason=reason):
            until = now + job_type.completed_retention
            return signed(state=State.DISCARDED, reason=reason, expires_at=until, listed=is_listed)
        case Cancelled(reason=reason, began=began):
            until = now + job_type.completed_retention
            ending = partial(signed, refund=not began, began=began, listed=is_listed)
            return ending(state=State.CANCELLED, reason=reason, expires_at=until)
        case Held(reason=reason, error=error):
            # Not counted yet: whether the attempt happened is what a person has to find out.
            return signed(state=State.HELD, reason=reason, error=error, refund=True)
        case _:
            return None


def _comes_back(record: Record, outcome: Outcome, runtime: Runtime) -> Finish | None:
    """The same for a job that is looked at again. What gates noted lasts until it starts."""
    now = runtime.ports.clock.now()
    signed = partial(Finish, held=record, at=now)
    match outcome:
        case Retried(delay=delay, error=error):
            return signed(state=State.RETRYING, run_at=now + delay, error=error)
        case Snoozed(delay=delay) | Continued(delay=delay):
            return signed(state=State.SCHEDULED, run_at=now + delay, refund=True)
        case Awaiting(delay=delay, why=why):
            parked = partial(signed, refund=True, if_untold=True, reason=why)
            return parked(state=State.SCHEDULED, run_at=now + delay)
        case Deferred(delay=delay, error=error):
            again = partial(signed, refund=True, began=False, waits=record.waits)
            return again(state=State.RETRYING, run_at=now + delay, error=error)
        case Waiting(delay=delay, why=why, notes=notes):
            waits = {**(record.waits or {}), **notes} or None
            again = partial(signed, refund=True, began=False, waits=waits)
            return again(state=State.SCHEDULED, run_at=now + delay, reason=why)
        case _:
            return None


def _message(arrival: Arrival, outcome: Outcome, record: Record | None, runtime: Runtime) -> bool:
    """What happens to the message once the record is right; True to acknowledge it."""
    match outcome:
        case Retried() | Snoozed() | Continued() | Deferred():
            return come_back(arrival, record, outcome.delay, runtime)
        case Waiting(delay=delay) | Awaiting(delay=delay):
            return wait_outside(arrival, record, delay, runtime)
        case Failed():
            return record is not None and _bury(arrival, record, runtime)
        case Lost(reason=reason):
            from workerless.execution.dead_letter import lost_letter  # noqa: PLC0415 -- few are

            return lost_letter(arrival, reason, runtime)
        case Duplicate(record=ended) if ended.state is State.FAILED:
            # Its attempt may have died between writing the record and sending the dead letter.
            return _bury(arrival, ended, runtime)
        case _:
            return True


def _bury(arrival: Arrival, record: Record, runtime: Runtime) -> bool:
    from workerless.execution.dead_letter import dead_letter  # noqa: PLC0415 -- few jobs die

    return dead_letter(arrival, record, runtime)
