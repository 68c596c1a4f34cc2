"""Queues in memory: delays, visibility, receive counts and dead letters, as on SQS.

``deliver`` and ``acknowledge`` are Lambda's part: a test hands the records to a worker, and deletes
what it does not report back. A queue exists as soon as it is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import md5
from itertools import count
from typing import Any

from workerless.aws.entry import attributes, refusal, whole_seconds
from workerless.limits import MAX_BATCH_ENTRIES, MAX_VISIBILITY
from workerless.operator_ports import Depth
from workerless.ports import Clock, Hide, Outgoing, Received, SendFailure
from workerless.trace_context import to_xray

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class _Message:
    message_id: str
    outgoing: Outgoing
    sent_at: datetime
    visible_at: datetime
    receives: int = 0
    first_received_at: datetime | None = None
    receipt: str | None = None


@dataclass(slots=True, kw_only=True)
class _Queue:
    visibility: timedelta
    dead_letters: str | None = None
    max_receives: int = 1_000
    messages: list[_Message] = field(default_factory=list)


class InMemoryQueue:
    """All queues of an account. Refuses what SQS would refuse; delivers in the order of sending."""

    def __init__(self, clock: Clock, *, visibility: timedelta = timedelta(seconds=30)) -> None:
        self._clock = clock
        self._visibility = visibility
        self._queues: dict[str, _Queue] = {}
        self._ids = count(1)

    def redrive(
        self,
        address: str,
        *,
        dead_letters: str,
        max_receives: int,
        visibility: timedelta | None = None,
    ) -> None:
        """Move a message of ``address`` to ``dead_letters`` instead of one receive too many.

        ``visibility`` is the queue's own from now on, where it is given.
        """
        queue = self._queue(address)
        queue.dead_letters, queue.max_receives = dead_letters, max_receives
        queue.visibility = visibility or queue.visibility

    def send_many(self, address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
        return [self._send(address, message) for message in messages]

    def waiting(self, address: str) -> int:
        now = self._clock.now()
        return sum(message.visible_at <= now for message in self._queue(address).messages)

    def depth(self, address: str) -> Depth:
        now, messages = self._clock.now(), self._queue(address).messages
        hidden = [message for message in messages if message.visible_at > now]
        delayed = sum(message.receives == 0 for message in hidden)
        waiting, in_flight = len(messages) - len(hidden), len(hidden) - delayed
        return Depth(waiting=waiting, in_flight=in_flight, delayed=delayed)

    def purge(self, address: str) -> None:
        self._queue(address).messages.clear()

    def hide_many(self, address: str, hides: Sequence[Hide]) -> list[SendFailure | None]:
        return [self._hide(address, hide) for hide in hides]

    def receive(self, address: str, *, limit: int, hide: timedelta) -> list[Received]:
        return [_received(message) for message in self._take(address, limit, hide)]

    def delete_many(self, address: str, receipts: Sequence[str]) -> list[SendFailure | None]:
        for receipt in receipts:
            self.acknowledge(address, receipt)
        return [None for _ in receipts]

    def deliver(self, address: str, limit: int = MAX_BATCH_ENTRIES) -> list[dict[str, Any]]:
        """Up to ``limit`` visible messages as the records of a Lambda event, hidden from now on."""
        taken = self._take(address, limit, self._queue(address).visibility)
        return [_event_record(message, address) for message in taken]

    def acknowledge(self, address: str, receipt: str) -> None:
        """Delete the message of this receipt; nothing where it was received again since."""
        queue = self._queue(address)
        queue.messages = [message for message in queue.messages if message.receipt != receipt]

    def messages(self, address: str) -> list[Outgoing]:
        """Everything in the queue, hidden and delayed messages too, in the order of sending."""
        return [message.outgoing for message in self._queue(address).messages]

    def by_id(self, address: str) -> dict[str, Outgoing]:
        """The same by message id."""
        return {one.message_id: one.outgoing for one in self._queue(address).messages}

    def next_visible_at(self, address: str) -> datetime | None:
        """When the first message can be received; None when the queue is empty."""
        return min((message.visible_at for message in self._queue(address).messages), default=None)

    def _queue(self, address: str) -> _Queue:
        return self._queues.setdefault(address, _Queue(visibility=self._visibility))

    def _take(self, address: str, limit: int, hide: timedelta) -> list[_Message]:
        queue, now = self._queue(address), self._clock.now()
        taken: list[_Message] = []
        for message in [waiting for waiting in queue.messages if waiting.visible_at <= now]:
            if len(taken) == limit:
                break
            if queue.dead_letters is not None and message.receives >= queue.max_receives:
                self._move(message, queue, self._queue(queue.dead_letters))
                continue
            message.receives += 1
            message.first_received_at = message.first_received_at or now
            message.visible_at = now + min(hide, MAX_VISIBILITY)
            message.receipt = f"{message.message_id}/{message.receives}"
            taken.append(message)
        return taken

    def _send(self, address: str, outgoing: Outgoing) -> SendFailure | None:
        refused = refusal(outgoing)
        if refused is None:
            now = self._clock.now()
            message = _Message(
                message_id=f"00000000-0000-4000-8000-{next(self._ids):012}",
                outgoing=replace(outgoing, attributes=attributes(outgoing)),
                sent_at=now,
                visible_at=now + timedelta(seconds=whole_seconds(outgoing.delay)),
            )
            self._queue(address).messages.append(message)
        return refused

    def _hide(self, address: str, hide: Hide) -> SendFailure | None:
        now = self._clock.now()
        delay = min(max(hide.delay, timedelta(0)), MAX_VISIBILITY)
        for message in self._queue(address).messages:
            if message.receipt == hide.receipt and message.visible_at > now:
                message.visible_at = now + timedelta(seconds=whole_seconds(delay))
                return None
        return SendFailure(
            code="ReceiptHandleIsInvalid", message="the message is gone, or visible again"
        )

    def _move(self, message: _Message, source: _Queue, target: _Queue) -> None:
        source.messages.remove(message)
        target.messages.append(replace(message, receives=0, receipt=None, first_received_at=None))


def _received(message: _Message) -> Received:
    return Received(
        message_id=message.message_id,
        receipt=message.receipt or "",
        body=message.outgoing.body,
        attributes=message.outgoing.attributes,
        group=message.outgoing.group,
        sent_at=message.sent_at,
        receive_count=message.receives,
    )


def _event_record(message: _Message, address: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html shows one."""
    body, group = message.outgoing.body, message.outgoing.group
    trace = to_xray(message.outgoing.traceparent or "")
    return {
        "messageId": message.message_id,
        "receiptHandle": message.receipt,
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": str(message.receives),
            "SentTimestamp": _milliseconds(message.sent_at),
            "SenderId": "workerless",
            "ApproximateFirstReceiveTimestamp": _milliseconds(message.first_received_at),
            **({"MessageGroupId": group} if group else {}),
            **({"AWSTraceHeader": trace} if trace else {}),
        },
        "messageAttributes": _event_attributes(message.outgoing.attributes),
        "md5OfBody": md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{address.rpartition('/')[2]}",
        "awsRegion": "us-east-1",
    }


def _event_attributes(attributes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "stringValue": value,
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "String",
        }
        for name, value in attributes.items()
    }


def _milliseconds(instant: datetime | None) -> str:
    return str((instant - _EPOCH) // timedelta(milliseconds=1)) if instant else ""
