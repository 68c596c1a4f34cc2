"""What stands between a caller and a queue whose line is long enough.

SQS tells roughly how many messages wait. That is asked at most every 2 seconds, and what is sent
from here meanwhile is counted in.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from workerless.due import is_parked
from workerless.enqueueing import Entry
from workerless.errors import QueueFullError
from workerless.flow.guard import WhenFull
from workerless.frozen import replace
from workerless.limits import MAX_DELAY
from workerless.ports import Address, Clock, Queue
from workerless.sending import queue_of
from workerless.states import State

_LOOK_EVERY = timedelta(seconds=2)
# Parked jobs come back spread over this, and not before a message could be delayed no more.
_SPREAD = timedelta(minutes=15)


@dataclass(slots=True)
class _Line:
    """What is known of one queue."""

    looked_at: datetime
    waiting: int


class Guard:
    """The lines as one client knows them."""

    def __init__(self, queue: Queue, clock: Clock) -> None:
        self._queue = queue
        self._clock = clock
        self._lock = Lock()
        self._lines: dict[str, _Line] = {}

    def pass_on(self, entries: Sequence[Entry], address: Address) -> Sequence[Entry]:
        """The entries as they may go on: as they are where there is room for all, or parked.

        Raises ``QueueFullError`` where they are refused, and ``QueueUnavailableError``.
        """
        rule = entries[0].job_type.max_waiting if entries else None
        if rule is None:
            return entries
        queue = queue_of(address, entries[0].record.lane)
        if is_parked(entries[0].record.run_at - entries[0].record.enqueued_at):
            return entries
        with self._lock:
            line = self._line(queue)
            if line.waiting + len(entries) <= rule.limit:
                line.waiting += len(entries)
                return entries
        if rule.when_full is WhenFull.PARK:
            return [_parked(entry) for entry in entries]
        raise QueueFullError(
            f"{len(entries)} jobs of {address.job_type} find no room: about {line.waiting} of at "
            f"most {rule.limit} wait; enqueue them again later"
        )

    def give_back(self, entries: Sequence[Entry], address: Address, *, sent: int) -> None:
        """The room of those that passed and were there before: nothing is sent for them."""
        unsent = sum(one.outgoing is not None for one in entries) - sent
        if unsent <= 0:
            return
        with self._lock:
            line = self._lines.get(queue_of(address, entries[0].record.lane))
            if line is not None:
                line.waiting -= min(unsent, line.waiting)

    def _line(self, queue: str) -> _Line:
        now, known = self._clock.now(), self._lines.get(queue)
        if known is None or now - known.looked_at >= _LOOK_EVERY:
            known = self._lines[queue] = _Line(now, self._queue.waiting(queue))
        return known


def _parked(entry: Entry) -> Entry:
    """The job with a record alone, which the sweeper sends."""
    record = entry.record
    share = zlib.crc32(record.job_id.encode()) / 2**32
    run_at = record.enqueued_at + MAX_DELAY + timedelta(minutes=1) + _SPREAD * share
    parked = replace(record, state=State.SCHEDULED, run_at=run_at)
    return replace(entry, record=parked, outgoing=None, is_recorded=True)
