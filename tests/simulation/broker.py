"""SQS as it can be at its worst: at least once, in any order, with receipts that outlive messages.

Time is the world's. Which of two allowed behaviours a call meets is drawn from ``rng``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from workerless.aws.entry import refusal, whole_seconds
from workerless.limits import DEAD_LETTER_RETENTION, MAX_VISIBILITY, QUEUE_RETENTION
from workerless.ports import Hide, Outgoing, Received, SendFailure

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
    queue: str = ""


@dataclass(slots=True, kw_only=True)
class Broker:
    """The queues of one job type, one for each lane, and its dead-letter queue."""

    rng: Random
    visibility: timedelta
    max_receives: int
    waiting: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    def send(
        self, outgoing: Outgoing, now: datetime, *, is_letter: bool, queue: str = ""
    ) -> Message | SendFailure:
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
            queue=queue,
        )
        (self.dead if is_letter else self.waiting).append(message)
        return message

    def receive(self, now: datetime, limit: int) -> tuple[list[Message], list[Message]]:
        """Some visible messages of one queue, hidden from now on; those that blew their fuse."""
        received: list[Message] = []
        blown: list[Message] = []
        visible = self._visible(self.waiting, now)
        of_one_queue = [one for one in visible if one.queue == visible[0].queue]
        for message in of_one_queue[:limit]:
            if message.receives >= self.max_receives:
                self._move(message)
                blown.append(message)
            else:
                _take(message, now, self.visibility)
                received.append(message)
        return received, blown

    def receive_letters(self, now: datetime, limit: int, hide: timedelta) -> list[Message]:
        """Some visible dead letters, hidden from now on; a few may be missed at any time."""
        letters = self._visible(self.dead, now)[: min(limit, self.rng.choice((1, 3, limit)))]
        for letter in letters:
            _take(letter, now, hide)
        return letters

    def hide(self, hide: Hide, now: datetime, *, is_letter: bool = False) -> SendFailure | None:
        """A receipt that is not the newest may be refused, or work."""
        message = self._find(hide.receipt, self._box(is_letter=is_letter))
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

    def delete(self, receipt: str, *, is_letter: bool = False) -> str:
        """A receipt that is not the newest may delete the message, or not. What happened."""
        box = self._box(is_letter=is_letter)
        message = self._find(receipt, box)
        if message is None:
            return "gone already"
        if receipt != message.receipts[-1] and self.rng.random() < 0.5:
            return "stale, left there"
        box.remove(message)
        return "deleted" if receipt == message.receipts[-1] else "stale, deleted all the same"

    def expire(self, now: datetime) -> list[Message]:
        """Drop what is past its retention."""
        return self._drop(self.waiting, now - QUEUE_RETENTION)

    def expire_letters(self, now: datetime) -> list[Message]:
        """The same for dead letters: their age counts from their first queue on."""
        return self._drop(self.dead, now - DEAD_LETTER_RETENTION)

    def of_job(self, job_id: str, *, besides: str) -> int:
        """How many other messages of a job there are, dead letters too."""
        return sum(
            message.job_id == job_id and message.message_id != besides
            for message in (*self.waiting, *self.dead)
        )

    def _visible(self, box: list[Message], now: datetime) -> list[Message]:
        visible = [message for message in box if message.visible_at <= now]
        self.rng.shuffle(visible)
        return visible

    def _move(self, message: Message) -> None:
        """What it is stays: id, body, attributes, and when it was first sent."""
        self.waiting.remove(message)
        moved = replace(message, receives=0, received_at=None, receipts=[], unanswered=0)
        self.dead.append(moved)

    def _box(self, *, is_letter: bool) -> list[Message]:
        return self.dead if is_letter else self.waiting

    def _drop(self, box: list[Message], sent_before: datetime) -> list[Message]:
        old = [message for message in box if message.sent_at <= sent_before]
        for message in old:
            box.remove(message)
        return old

    def _find(self, receipt: str, box: list[Message]) -> Message | None:
        message_id = receipt.partition("/")[0]
        for message in box:
            if message.message_id == message_id and receipt in message.receipts:
                return message
        return None


def _take(message: Message, now: datetime, hide: timedelta) -> None:
    message.receives += 1
    message.unanswered += 1
    message.received_at = now
    message.visible_at = now + hide
    message.receipts.append(f"{message.message_id}/{message.receives}")


def letter_received(message: Message) -> Received:
    """What a sweeper reads of it."""
    return Received(
        message_id=message.message_id,
        receipt=message.receipts[-1],
        body=message.outgoing.body,
        attributes=message.outgoing.attributes,
        group=message.outgoing.group,
        sent_at=message.sent_at,
        receive_count=message.receives,
    )


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
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{message.queue}",
    }


def _names(body: str, message_id: str) -> tuple[str, int | None]:
    try:
        event = json.loads(body)
    except ValueError:
        return message_id, None
    if "specversion" not in event:
        return message_id, None
    return event["id"], event.get("generation")
