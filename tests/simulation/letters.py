"""The dead letters of a world: when a sweeper would find something to do, and how they all end."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.simulation.broker import Message
from tests.simulation.ground import Ground
from tests.simulation.history import Letter
from tests.simulation.job import said
from workerless import naming
from workerless.due import is_parked
from workerless.record import Record
from workerless.states import State

_KEPT = timedelta(days=13)


def looks_at(ground: Ground) -> list[datetime]:
    """When each letter needs a look: as soon as it is seen, or once it is old."""
    return [
        letter.sent_at + _KEPT if _is_settled(letter, record) else _from(letter, record)
        for letter in ground.broker.dead
        for record in [ground.record(letter.job_id)]
    ]


def letters(ground: Ground) -> Iterator[Letter]:
    """Those that lie in the queue, and those in the archive."""
    for message in ground.broker.dead:
        outgoing = message.outgoing
        yield Letter(job_id=message.job_id, body=outgoing.body, attributes=outgoing.attributes)
    archived = [key for key in ground.blobs.keys() if key.startswith(naming.ARCHIVE)]  # noqa: SIM118 -- no mapping
    for key in archived:
        told = json.loads(ground.blobs.get(key, limit_bytes=1_000_000))
        yield Letter(job_id=told["job_id"], body=told["body"], attributes=told["attributes"])


def _is_settled(letter: Message, record: Record | None) -> bool:
    """It says why its job has failed; or that is another's, or unknown."""
    reason = letter.outgoing.attributes.get("reason")
    if reason is None:
        return False
    if reason == "id_taken" or record is None or said(letter.outgoing.body) != said(record.body):
        return True
    return record.state is State.FAILED and record.reason == reason


def _from(letter: Message, record: Record | None) -> datetime:
    """Not while its job is at work, or waits for its time."""
    if record is None or record.state.is_terminal:
        return letter.visible_at
    if record.lease is not None and record.state is State.PROCESSING:
        return max(letter.visible_at, record.lease.until)
    is_needed = not is_parked(record.run_at - letter.visible_at)
    return max(letter.visible_at, record.run_at) if is_needed else letter.visible_at
