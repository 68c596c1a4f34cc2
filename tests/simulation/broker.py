"""SQS as it can be at its worst: at least once, in any order, with receipts that outlive messages.

Time is the world's. Which of two allowed behaviours a call meets is drawn from ``rng``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from workerless.aws.entry import refusal, whole_seconds
from workerless.limits import MAX_VISIBILITY, QUEUE_RETENTION
from workerless.ports import Hide, Outgoing, SendFailure

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STALE = SendFailure(code="ReceiptHandleIsInvalid", message="received again, deleted or visible")


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """One message. ``unanswered`` counts receives after which no worker said what follows."""

    message_id: str
    job_id: str
    generation: int | None
    outgoing: Outgoing
    sent_at: datetime
    visible_at: datetime
    receives: int = 0
    received_at: datetime | None = None
    receipts: list[str] = field(default_factory=list)
    unanswered: int = 0


@dataclass(slots=True, kw_only=True)
class Broker:
    """The queue of one job type and its dead-letter queue."""

    rng: Random
    visibility: timedelta
    max_receives: int
    waiting: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    def send(self, outgoing: Outgoing, now: datetime, *, is_letter: bool) -> Message | SendFailure:
        refused = refusal(outgoing)
        if refused is not None:
            return refused
        message_id = f"message-{next(self._ids)}"
        job_id, generation = _names(outgoing.body, message_id)
        message = Message(
            message_id=message_id,
            job_id=outgoing.attributes.get("job_id", job_id),
            generation=generation,
            outgoing=outgoing,
            sent_at=now,
            visible_at=now + timedelta(seconds=whole_seconds(outgoing.delay)),
        )
        (self.dead if is_letter else self.waiting).append(message)
        return message

    def receive(self, now: datetime, limit: int) -> tuple[list[Message], list[Message]]:
        """Some visible messages, hidden from now on, and those that blew their fuse instead."""
        visible = [message for message in self.waiting if message.visible_at <= now]
        self.rng.shuffle(visible)
        received: list[Message] = []
        blown: list[Message] = []
        for message in visible[:limit]:
            if message.receives >= self.max_receives:
                self.waiting.remove(message)
                self.dead.append(message)
                blown.append(message)
                continue
            message.receives += 1
            message.unanswered += 1
            message.received_at = now
            message.visible_at = now + self.visibility
            message.receipts.append(f"{message.message_id}/{message.receives}")
            received.append(message)
        return received, blown

    def hide(self, hide: Hide, now: datetime) -> SendFailure | None:
        """A receipt that is not the newest may be refused, or work."""
        message = self._find(hide.receipt)
        if message is None or message.visible_at <= now:
            return _STALE
        if hide.receipt != message.receipts[-1] and self.rng.random() < 0.5:
            return _STALE
        until = now + timedelta(seconds=whole_seconds(hide.delay))
        if message.received_at is None or until - message.received_at > MAX_VISIBILITY:
            return SendFailure(code="InvalidParameterValue", message="12 h from its receive")
        message.visible_at = until
        message.unanswered = 0
        return None

    def delete(self, receipt: str) -> str:
        """A receipt that is not the newest may delete the message, or not. What happened."""
        message = self._find(receipt)
        if message is None:
            return "gone already"
        if receipt != message.receipts[-1] and self.rng.random() < 0.5:
            return "stale, left there"
        self.waiting.remove(message)
        return "deleted" if receipt == message.receipts[-1] else "stale, deleted all the same"

    def expire(self, now: datetime) -> list[Message]:
        """Drop what is past its retention."""
        old = [one for one in self.waiting if one.sent_at + QUEUE_RETENTION <= now]
        for message in old:
            self.waiting.remove(message)
        return old

    def of_job(self, job_id: str, *, besides: str) -> int:
        """How many other messages of a job there are, dead letters too."""
        return sum(
            message.job_id == job_id and message.message_id != besides
            for message in (*self.waiting, *self.dead)
        )

    def _find(self, receipt: str) -> Message | None:
        message_id = receipt.partition("/")[0]
        for message in self.waiting:
            if message.message_id == message_id:
                return message
        return None


def event_record(message: Message) -> Mapping[str, Any]:
    """What a worker reads of https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html."""
    sent_ms = (message.sent_at - _EPOCH) // timedelta(milliseconds=1)
    return {
        "messageId": message.message_id,
        "receiptHandle": message.receipts[-1],
        "body": message.outgoing.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.receives),
            "SentTimestamp": str(sent_ms),
        },
    }


def _names(body: str, message_id: str) -> tuple[str, int | None]:
    event = json.loads(body)
    if "specversion" not in event:
        return message_id, None
    return event["id"], event.get("generation")
