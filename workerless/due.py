"""When the sweeper looks at a job: what leads it to a job that nobody else would move. Pure.

A job that has not ended is *due* at some moment. With a message on its way that is a while after it
should have moved; a *parked* job has no message, and is due a while before it shall run. One that
comes back within 15 minutes keeps the time it has: whether it is late, its record tells.
"""

import zlib
from datetime import datetime, timedelta

from workerless.limits import MAX_DELAY
from workerless.record import Record
from workerless.states import State

SHARDS = 8
# The sweeper runs each minute, and twice before this is over: a missed run delays nobody.
LEAD = timedelta(minutes=3)
GRACE = timedelta(seconds=90)
_LEASE_GRACE = timedelta(seconds=60)
_LONGEST_PAUSE = timedelta(hours=1)
_SOON = timedelta(minutes=1)
# Stores may keep an instant in whole milliseconds.
_STORED_PRECISION = timedelta(milliseconds=1)


def shard_of(job_id: str) -> int:
    """Which part of an index a job is in, from 0; the same for ever, on every machine."""
    return zlib.crc32(job_id.encode(errors="backslashreplace")) % SHARDS


def is_parked(delay: timedelta) -> bool:
    """Whether a job that waits this long is left without a message.

    Beyond 15 minutes SQS cannot delay one, and hidden messages count as in flight: at 120,000 of
    these a queue stops for everyone.
    """
    return delay > MAX_DELAY


def due_at(run_at: datetime, now: datetime) -> datetime:
    """When to look at a job that is told now to run at ``run_at``."""
    return run_at - LEAD if is_parked(run_at - now) else run_at + GRACE


def due_after(run_at: datetime | None, now: datetime) -> datetime | None:
    """When to look at a running job that is told now to come back at ``run_at``.

    None leaves the time as it is, which spares two writes to the index: whoever looks then finds a
    message on its way, and looks again once it is late.
    """
    if run_at is None or run_at - now < MAX_DELAY - _STORED_PRECISION:
        return None
    return due_at(run_at, now)


def was_sent(record: Record, due: datetime) -> bool:
    """Whether a job found due at ``due`` has had a message.

    Who waits for less than 15 minutes had one when told so; of a parked one the record says it. Of
    15 minutes as a store keeps them only ``due`` tells: a parked job is due before it runs.
    """
    wait = record.run_at - record.updated_at
    had_one = wait < MAX_DELAY or (wait < MAX_DELAY + _STORED_PRECISION and due > record.run_at)
    return had_one or record.sent_for == record.run_at


def is_in_time(record: Record, now: datetime) -> bool:
    """Whether a message that was sent may still be on its way."""
    return now < record.run_at + GRACE


def is_at_work(record: Record, now: datetime) -> bool:
    """Whether an attempt runs, or its lease ended so lately that it may still be writing."""
    lease = record.lease
    return (
        record.state is State.PROCESSING and lease is not None and lease.until + _LEASE_GRACE > now
    )


def try_again_at(record: Record, now: datetime) -> datetime:
    """When to look at a job next whose message may not get sent now.

    In a minute, and the later it is the less often: its queue may be gone for days.
    """
    return now + min(max((now - record.run_at) / 8, _SOON), _LONGEST_PAUSE)


def look_again_at(record: Record, now: datetime) -> datetime:
    """When to look at a job next: ever less often, at most an hour from now.

    Waiting twice as long each time keeps a job that stands in a long line from being looked at, or
    sent again, every minute.
    """
    if record.lease is not None and is_at_work(record, now):
        return record.lease.until + _LEASE_GRACE
    late = max(now - record.run_at, GRACE)
    return max(record.run_at, now) + min(late, _LONGEST_PAUSE)
