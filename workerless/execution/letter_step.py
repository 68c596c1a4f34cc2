"""What is done about one dead letter, up to where its successor is stored, or ready to be sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from workerless.errors import BlobsUnavailableError
from workerless.execution.archive import archive
from workerless.execution.arrival import RETURNED
from workerless.execution.dead_letter import fitting, of_failed, of_lost
from workerless.execution.giving_up import give_up
from workerless.execution.letter import (
    Archive,
    Drop,
    Explain,
    Fail,
    Fate,
    File,
    Keep,
    Letter,
    Return,
)
from workerless.execution.sweep import Sweeper
from workerless.ports import Address, Outgoing
from workerless.record import Record
from workerless.sending import queue_of
from workerless.states import State

# What killed a job's function, or throttled it, may do so again.
_DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))


class Deed(StrEnum):
    """What was done to a letter. ``SEEN`` counts them all."""

    SEEN = "letters"
    EXPLAINED = "explained"
    RETURNED = "returned"
    DROPPED = "dropped"
    UNDELIVERABLE = "undeliverable"
    FILED = "filed"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A letter that shall go, once ``successor`` is sent ``to`` a queue; without one, at once."""

    letter: Letter
    deed: Deed
    to: str = ""
    successor: Outgoing | None = None


def step(
    fate: Fate, letter: Letter, record: Record | None, address: Address, sweeper: Sweeper
) -> Step | None:
    """The step that ``fate`` asks for; None where the letter stays as it is."""
    taken: Step | None = None
    match fate:
        case Keep() | File():  # those are filed together
            pass
        case Drop():
            taken = Step(letter=letter, deed=Deed.DROPPED)
        case Explain(reason=reason):
            told = _told(letter, record, reason, sweeper.clock.now())
            taken = _explained(letter, told, Deed.EXPLAINED, address)
        case Return(times=times):
            taken = _returned(letter, record, times, address)
        case Fail(reason=reason):
            taken = _failed(letter, record, reason, address, sweeper)
        case Archive(reason=reason):
            taken = _archived(letter, record, reason, sweeper)
    return taken


def _told(letter: Letter, record: Record | None, reason: str, now: datetime) -> dict[str, str]:
    """The attributes that explain a letter: its job's own end, if that is what brought it here."""
    if record is not None and record.state is State.FAILED and letter.is_of(record):
        return of_failed(record, letter.arrival)
    return of_lost(letter.arrival, reason, now)


def _explained(letter: Letter, told: dict[str, str], deed: Deed, address: Address) -> Step | None:
    """The letter anew, with attributes: no message in a queue can be changed."""
    arrival = letter.arrival
    attributes = fitting(arrival.body, told)
    if not attributes:
        return None
    again = Outgoing(body=arrival.body, group=arrival.group, attributes=attributes)
    return Step(letter=letter, deed=deed, to=address.dead_letters, successor=again)


def _returned(letter: Letter, record: Record | None, times: int, address: Address) -> Step:
    arrival = letter.arrival
    fresh = Outgoing(
        body=arrival.fresh_body(generation=record.generation if record else None),
        delay=_DELAYS[times - 1],
        group=arrival.group,
        traceparent=arrival.message.traceparent,
        attributes={RETURNED: str(times)},
    )
    lane = record.lane if record else arrival.message.lane
    to = queue_of(address, lane)
    return Step(letter=letter, deed=Deed.RETURNED, to=to, successor=fresh)


def _failed(
    letter: Letter, record: Record | None, reason: str, address: Address, sweeper: Sweeper
) -> Step | None:
    """The record first; None where it has moved since it was read."""
    if record is None:
        return None
    now = sweeper.clock.now()
    told = of_lost(letter.arrival, reason, now)
    ended = give_up(
        record,
        reason,
        error_type=told["error_type"],
        message=told["error_message"],
        now=now,
        store=sweeper.store,
        telemetry=sweeper.telemetry,
    )
    if ended is None:
        return None
    return _explained(letter, of_failed(ended, letter.arrival), Deed.UNDELIVERABLE, address)


def _archived(
    letter: Letter, record: Record | None, reason: str | None, sweeper: Sweeper
) -> Step | None:
    now = sweeper.clock.now()
    told = _told(letter, record, reason, now) if reason else letter.attributes
    try:
        archive(letter, record, told, sweeper.blobs)
    except BlobsUnavailableError as error:
        sweeper.telemetry.trouble("archive_failed", error, job_id=letter.job_id)
        return None
    return Step(letter=letter, deed=Deed.ARCHIVED)
