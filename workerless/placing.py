"""Unique jobs on their way into the store: each meets the last job of its key.

What was read may have changed by the time it is acted on. Then nothing is written, and it is read
again: who enqueues at the same time comes before or after, never beside.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from workerless.due import is_parked
from workerless.enqueueing import Entry
from workerless.errors import StoreUnavailableError
from workerless.flow.unique import Uniqueness
from workerless.frozen import frozen, replace
from workerless.ports import Clock, Put
from workerless.record import Record
from workerless.resend import resent
from workerless.transition import cancelled
from workerless.unique_ports import Known, Place, UniqueStore
from workerless.uniqueness import SUPERSEDED, Replacing, Same, Superseding, meet, placed, replaced

_MAX_RACES = 12
_FIRST_PAUSE = timedelta(milliseconds=10)
_LONGEST_PAUSE = timedelta(milliseconds=500)
# Stores may keep an instant in whole milliseconds.
_STORED_PRECISION = timedelta(milliseconds=1)


@frozen
class Stood:
    """What became of an entry: what stands in the store, and what is to be sent for it."""

    entry: Entry
    put: Put


@frozen
class _Step:
    """What is to be written for an entry, None where nothing is, and what it comes to then."""

    place: Place | None
    stood: Stood


def put_unique(
    entries: Sequence[Entry], rule: Uniqueness, store: UniqueStore, clock: Clock
) -> list[Stood]:
    """What became of each entry, in order; of equal keys the first comes first.

    Raises ``StoreUnavailableError``, also for a key at which too many others are.
    """
    done: dict[int, Stood] = {}
    tried: set[int] = set()
    races = 0
    while left := [number for number in range(len(entries)) if number not in done]:
        turn = _first_of_each_key(entries, left)
        known = store.known_many([entries[number].record for number in turn])
        steps = [
            _step(entries[number], rule, one, clock.now(), is_tried=number in tried)
            for number, one in zip(turn, known, strict=True)
        ]
        tried.update(turn)
        won = iter(store.place_many([step.place for step in steps if step.place is not None]))
        settled = {
            number: step.stood
            for number, step in zip(turn, steps, strict=True)
            if step.place is None or next(won)
        }
        done |= settled
        races = 0 if settled else races + 1
        if races == _MAX_RACES:
            raise StoreUnavailableError(
                f"unique job {entries[turn[0]].record.job_id} met others {_MAX_RACES} times; "
                "enqueue it again"
            )
        if races:
            clock.sleep(min(_FIRST_PAUSE * 2**races, _LONGEST_PAUSE))
    return [done[number] for number in range(len(entries))]


def _first_of_each_key(entries: Sequence[Entry], left: Sequence[int]) -> list[int]:
    """One of each key and of each id: what follows it shall meet it."""
    keys: set[str | None] = set()
    ids: set[str] = set()
    turn: list[int] = []
    for number in left:
        record = entries[number].record
        if record.unique_key not in keys and record.job_id not in ids:
            turn.append(number)
        keys.add(record.unique_key)
        ids.add(record.job_id)
    return turn


def _step(entry: Entry, rule: Uniqueness, known: Known, now: datetime, *, is_tried: bool) -> _Step:
    record = entry.record
    if known.own is not None:
        put = Put(created=is_tried and _is_ours(known.own, record), record=known.own)
        return _Step(place=None, stood=Stood(entry=entry, put=put))
    meeting = meet(rule, known.last, now=now, delay=record.run_at - record.enqueued_at)
    if isinstance(meeting, Same):
        return _Step(place=None, stood=_met(entry, meeting.last))
    if isinstance(meeting, Replacing):
        after = replaced(record, meeting, now)
        has_message = meeting.has_message and record.lane == meeting.last.lane
        stood = _stood(entry, after, now, is_new=False, is_sent=not has_message)
        return _Step(place=Place(record=after, known=known), stood=stood)
    after = placed(record, meeting.run_at, now)
    ended = (
        cancelled(
            meeting.last,
            at=now,
            reason=SUPERSEDED,
            expires_at=now + entry.job_type.completed_retention,
        )
        if isinstance(meeting, Superseding)
        else None
    )
    return _Step(
        place=Place(record=after, known=known, ended=ended),
        stood=_stood(entry, after, now, is_new=True, is_sent=True),
    )


def _is_ours(own: Record, record: Record) -> bool:
    """Whether an earlier try of this very call put it, whose answer was lost."""
    age = abs(own.enqueued_at - record.enqueued_at)
    return own.digest == record.digest and own.generation == 1 and age < _STORED_PRECISION


def _met(entry: Entry, last: Record) -> Stood:
    """A duplicate: it has the other's handle, and nothing is sent for it."""
    return Stood(
        entry=replace(entry, record=last, outgoing=None), put=Put(created=False, record=last)
    )


def _stood(entry: Entry, after: Record, now: datetime, *, is_new: bool, is_sent: bool) -> Stood:
    is_sent = is_sent and not is_parked(after.run_at - now)
    return Stood(
        entry=replace(entry, record=after, outgoing=resent(after, now) if is_sent else None),
        put=Put(created=is_new, record=after),
    )
