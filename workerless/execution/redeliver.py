"""Bringing a job back later: its message hidden, replaced by a fresh one, or needed no more.

* A job that waits longer than 15 minutes is *parked*: its record says when it runs, the sweeper
  sends a message in time, and the one at hand can go.
* A job without a record cannot be parked: its message is hidden for all of its wait.
* Else the message is hidden. Each return adds to SQS' receive count and its retention runs from the
  first send, so one near its fuse or the end of its retention is replaced by a fresh one.
* A job that a gate holds back for more than a few seconds is one of many: a fresh message is sent
  with a delay, as hidden ones count as in flight, and at 120,000 of these a queue stands still.
"""

from datetime import timedelta

from workerless import limits
from workerless.due import is_parked
from workerless.execution.arrival import RETURNED, Arrival
from workerless.execution.runtime import Runtime
from workerless.ports import Hide, Outgoing
from workerless.record import Record
from workerless.tracking import MAX_UNTRACKED_WAIT

# Receives left to the fuse for crashes and throttles, which nobody sees coming.
_FUSE_RESERVE = 4
_RETENTION_RESERVE = timedelta(hours=6)
# Of jobs that wait for less than this, few can be in flight at a time: they were just received.
_SHORT = timedelta(seconds=30)


def come_back(arrival: Arrival, record: Record | None, delay: timedelta, runtime: Runtime) -> bool:
    """Have the job return after ``delay``; True when the message at hand can be deleted."""
    delay = max(delay, timedelta(0))
    if record is not None and is_parked(delay) and runtime.is_tracked():
        return True
    if is_worn(arrival, delay, runtime):
        if arrival.problem is not None:
            # It cannot say whose it is, and a fresh copy would be another job: it goes where it is
            # bound for in any case.
            from workerless.execution.dead_letter import lost_letter  # noqa: PLC0415 -- few are lost

            return lost_letter(arrival, arrival.problem.reason, runtime)
        return _send_fresh(arrival, record, delay, runtime)
    _hide(arrival, delay, runtime)
    return False


def wait_outside(
    arrival: Arrival, record: Record | None, delay: timedelta, runtime: Runtime
) -> bool:
    """The same for a job that a gate holds back; it has a record."""
    if delay <= _SHORT or is_parked(delay):
        return come_back(arrival, record, delay, runtime)
    return _send_fresh(arrival, record, delay, runtime)


def is_worn(arrival: Arrival, delay: timedelta, runtime: Runtime) -> bool:
    """Whether its message would not survive to come back after ``delay``, and then some."""
    receives_left = runtime.job_type.max_receive_count - arrival.receive_count
    returns_at = runtime.ports.clock.now() + delay
    gone_at = arrival.sent_at + limits.QUEUE_RETENTION
    return receives_left <= _FUSE_RESERVE or returns_at > gone_at - _RETENTION_RESERVE


def _send_fresh(
    arrival: Arrival, record: Record | None, delay: timedelta, runtime: Runtime
) -> bool:
    fresh = Outgoing(
        body=_fresh_body(arrival, record, runtime),
        delay=min(delay, limits.MAX_DELAY),
        group=arrival.group,
        traceparent=arrival.message.traceparent,
        attributes={RETURNED: arrival.returned} if arrival.returned else {},
    )
    (failure,) = runtime.ports.queue.send_many(runtime.ports.queue_address, [fresh])
    if failure is not None:
        _trouble("replace_failed", arrival, failure.code, runtime)
    return failure is None


def _fresh_body(arrival: Arrival, record: Record | None, runtime: Runtime) -> str:
    """A fresh message counts its receives anew: only a record, or it, knows what is spent."""
    if runtime.is_tracked():
        return arrival.fresh_body(generation=record.generation if record else None)
    if record is not None:
        return arrival.fresh_body(attempts=max(record.max_attempts - record.attempt, 1))
    # Refused before anything was claimed: each receive may have been an attempt.
    most = runtime.job_type.retry.attempts
    left = min(arrival.message.attempts or most, most) - arrival.receive_count
    return arrival.fresh_body(attempts=max(left, 1))


def _hide(arrival: Arrival, delay: timedelta, runtime: Runtime) -> None:
    longest = limits.MAX_DELAY if runtime.is_tracked() else MAX_UNTRACKED_WAIT
    hide = Hide(receipt=arrival.receipt, delay=min(delay, longest))
    (failure,) = runtime.ports.queue.hide_many(runtime.ports.queue_address, [hide])
    if failure is not None:  # its visibility ran out: it is on its way already
        _trouble("hide_failed", arrival, failure.code, runtime)


def _trouble(event: str, arrival: Arrival, code: str, runtime: Runtime) -> None:
    runtime.ports.telemetry.trouble(event, None, job_id=arrival.message.job_id, code=code)
