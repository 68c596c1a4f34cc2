"""The dead letters of a world: when a sweeper would find something to do, and how they all end."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from tests.simulation.broker import Message
from tests.simulation.ground import Ground
from tests.simulation.history import Letter
from workerless import naming
from workerless.due import is_parked
from workerless.execution.arrival import NO_RECORD, RECORD
from workerless.message import MalformedMessage, read
from workerless.payload import digest
from workerless.record import Record
from workerless.states import State
from workerless.transition import is_payload_of

_KEPT = timedelta(days=13)


def looks_at(ground: Ground) -> list[datetime]:
    """When each letter needs a look: as soon as it is seen, or once it is old."""
    return [
        letter.sent_at + _KEPT if _is_settled(letter, record) else _from(letter, record)
        for letter in ground.broker.dead
        for record in [ground.record(letter.job_id)]
    ]


def is_filed(record: Record) -> bool:
    """Whether it is no more than a letter in another place."""
    is_left = record.state is State.FAILED and record.redriven_by is None
    return record.filed_from is not None and is_left


def letters(ground: Ground, records: Sequence[Record]) -> Iterator[Letter]:
    """Those that lie in the queue, those in the archive, and those that were filed."""
    for record in records:
        if is_filed(record):
            told = {"reason": record.reason or ""}
            yield Letter(job_id=own_id(record), body=record.body, attributes=told)
    for message in ground.broker.dead:
        outgoing = message.outgoing
        yield Letter(job_id=message.job_id, body=outgoing.body, attributes=outgoing.attributes)
    archived = [key for key in ground.blobs.keys() if key.startswith(naming.ARCHIVE)]  # noqa: SIM118 -- no mapping
    for key in archived:
        told = json.loads(ground.blobs.get(key, limit_bytes=1_000_000))
        attributes = told["attributes"]
        yield Letter(
            job_id=told["job_id"], body=told["body"], attributes=attributes, is_archived=True
        )


def _is_settled(letter: Message, record: Record | None) -> bool:
    """It says why its job has failed; or that is another's, or unknown."""
    reason = letter.outgoing.attributes.get("reason")
    is_own = record is not None and is_payload_of(record, _digest(letter.outgoing.body))
    is_older = is_own and record is not None and (letter.generation or 1) < record.generation
    if reason is None or is_older:
        return False
    is_unrecorded = letter.outgoing.attributes.get(RECORD) == NO_RECORD
    if is_unrecorded and not (is_own and record is not None and record.filed_from):
        return False
    if record is None or not is_own:
        return True
    return record.state is State.FAILED and record.reason == reason


def _digest(body: str) -> str:
    try:
        return read(body, job_type="task", message_id="bare").digest
    except MalformedMessage:
        return digest({})


def own_id(record: Record) -> str:
    """Its job's own id: it was filed under another where that was taken."""
    known = record.correlation_id or record.job_id  # of a body that has none
    try:
        event = json.loads(record.body)
    except ValueError:
        return known
    return str(event["id"] if "specversion" in event else known)


def _from(letter: Message, record: Record | None) -> datetime:
    """Not while its job is at work, or waits for its time."""
    if record is None or record.state.is_terminal:
        return letter.visible_at
    if record.lease is not None and record.state is State.PROCESSING:
        return max(letter.visible_at, record.lease.until)
    is_needed = not is_parked(record.run_at - letter.visible_at)
    return max(letter.visible_at, record.run_at) if is_needed else letter.visible_at
