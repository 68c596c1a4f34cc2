"""Sending a job the event that it waits for, or will: the event, then its record, then a message.

The event is kept before anybody tells the job of it; who dies in between sends it again, which is
the same event. A job that was told in its record and got no message is found by the sweeper.
"""

from collections.abc import Mapping
from typing import Any

from workerless.errors import JobNotFoundError, JobStateError
from workerless.event import Event, Token, check_name, data_text, sent, token_digest
from workerless.event_ports import EventStore
from workerless.frozen import frozen, replace
from workerless.payload import Payload
from workerless.ports import Clock, Directory, Queue, Store
from workerless.record import Record
from workerless.resend import check_sendable, resent
from workerless.sending import send_all


@frozen
class Post:
    """What it takes to send an event to a job of one stage."""

    store: Store
    events: EventStore
    queue: Queue
    directory: Directory
    clock: Clock

    def send(
        self,
        job_id: str,
        name: str,
        data: Payload | Mapping[str, Any],
        *,
        tenant: str | None = None,
    ) -> Record:
        """Send it; the job's record as it was then. Sent again with the same data, it is the same.

        ``tenant``, where given, is the job's; another's is as unknown as none. Raises
        ``EnqueueRefusedError`` for a name or data that cannot be, ``JobNotFoundError``, and
        ``JobStateError`` where another event of this name came first, where nobody waits for it any
        more, or where the job has ended.
        """
        check_name(name)
        text, now = data_text(data), self.clock.now()
        (record,) = self.store.get_many([job_id])
        if record is None or tenant not in (None, record.tenant):
            raise JobNotFoundError(
                f"no record of job {job_id!r}: not enqueued here, not started yet (sent without a "
                "record), or past its retention"
            )
        if record.state.is_terminal:
            _check(self.events.get(job_id, name), record, name, text)
            return record
        if record.state.is_waiting:
            check_sendable(record, now)
        _check(self.events.put(sent(record, name, text, now)), record, name, text)
        self._tell(record, name)
        return record

    def meant_by(self, token: str) -> Token:
        """Which event of which job its bearer may send.

        Raises ``JobNotFoundError`` for one that is unknown or past its time.
        """
        found = self.events.token(token_digest(token))
        if found is None:
            raise JobNotFoundError("no job waits for who has this token: unknown, or past its time")
        return found

    def _tell(self, seen: Record, name: str) -> None:
        now = self.clock.now()
        woken = self.events.tell(seen.job_id, name, now)
        if woken is None or woken.digest != seen.digest:
            return
        message = resent(replace(woken, body=seen.body), now)
        # One that is not accepted is sent by the sweeper, once it is late.
        send_all(self.queue, self.directory.find(woken.job_type), [message])


def _check(stands: Event | None, record: Record, name: str, text: str) -> None:
    """Raises ``JobStateError`` unless it is what was sent."""
    if stands is not None and stands.data == text and not stands.void:
        return
    event = f"event {name!r} of job {record.job_id!r}"
    if stands is None or stands.void:
        raise JobStateError(
            f"{event} comes too late: the job is {record.state.value}; only one that has not ended "
            "can be sent an event"
        )
    at = f"{stands.at:%Y-%m-%d %H:%M:%S} UTC"
    if stands.data is None:
        raise JobStateError(f"{event} comes too late: the job has waited for it until {at}")
    raise JobStateError(f"{event} was sent before, {at}, with other data, and the first one counts")
