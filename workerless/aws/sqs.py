"""The queues on SQS, in batches. What fails is reported entry by entry; nothing raises."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Literal

from workerless import limits
from workerless.aws.entry import entry, refusal, size_bytes, whole_seconds
from workerless.aws.fault import NO_ANSWER, code_of
from workerless.backoff import Exponential
from workerless.errors import QueueUnavailableError
from workerless.ports import Clock, Hide, Outgoing, Received, SendFailure
from workerless.retry import next_delay
from workerless.spread import Spread, in_turn

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import BatchResultErrorEntryTypeDef, MessageTypeDef

_MOST = limits.MAX_BATCH_ENTRIES
# botocore retries a call that failed as a whole; only this retries the entries of a batch.
_RETRIES = Exponential(attempts=4, first=timedelta(milliseconds=200), cap=timedelta(seconds=2))


class SqsQueue:
    """All queues of an account, by URL. ``spread`` is how the batches of one call are sent."""

    def __init__(
        self, client: "SQSClient", clock: Clock, rng: Random, spread: Spread = in_turn
    ) -> None:
        self._client = client
        self._clock = clock
        self._rng = rng
        self._spread = spread

    def send_many(self, address: str, messages: Sequence[Outgoing]) -> list[SendFailure | None]:
        """Send each message, up to four times; None where it was accepted.

        A message whose acceptance was lost on its way here is sent again: at least once, as ever.
        """
        results = [refusal(message) for message in messages]
        pending = [number for number, refused in enumerate(results) if refused is None]
        for attempt in range(1, _RETRIES.attempts + 1):
            batches = [
                {number: messages[number] for number in batch}
                for batch in _batches(pending, messages)
            ]
            answers = self._spread(partial(self._send, address), batches)
            for batch, failures in zip(batches, answers, strict=True):
                for number in batch:
                    results[number] = failures.get(number)
            pending = [number for number in pending if results[number] is not None]
            if not pending:
                break
            if attempt < _RETRIES.attempts:
                self._clock.sleep(next_delay(_RETRIES, attempt, ConnectionError(), self._rng))
        return results

    def waiting(self, address: str) -> int:
        """About how many messages could be received now. Raises ``QueueUnavailableError``."""
        name: Literal["ApproximateNumberOfMessages"] = "ApproximateNumberOfMessages"
        try:
            answer = self._client.get_queue_attributes(QueueUrl=address, AttributeNames=[name])
            return int(answer["Attributes"][name])
        except (*NO_ANSWER, KeyError) as error:
            raise QueueUnavailableError(
                f"queue {address} did not say how many messages wait: {code_of(error)}"
            ) from error

    def hide_many(self, address: str, hides: Sequence[Hide]) -> list[SendFailure | None]:
        """Hide each message for whole seconds, rounded up, between 0 s and 12 h from its receive.

        Not retried: a message that could not be hidden comes back by itself, only sooner.
        """
        failures: dict[int, SendFailure] = {}
        for start in range(0, len(hides), _MOST):
            batch = enumerate(hides[start : start + _MOST], start)
            failures |= self._hide(address, dict(batch))
        return [failures.get(number) for number in range(len(hides))]

    def receive(self, address: str, *, limit: int, hide: timedelta) -> list[Received]:
        """Ten a call, without waiting for more to come.

        An answer that is none raises ``QueueUnavailableError``, unless others came before it.
        """
        received: list[Received] = []
        while len(received) < limit:
            try:
                some = self._receive(address, min(limit - len(received), _MOST), hide)
            except NO_ANSWER as error:
                if received:
                    break
                raise QueueUnavailableError(
                    f"queue {address} did not say what is in it: {code_of(error)}"
                ) from error
            if not some:
                break
            received += some
        return received

    def delete_many(self, address: str, receipts: Sequence[str]) -> list[SendFailure | None]:
        """Not retried: a message that is still there is received again."""
        failures: dict[int, SendFailure] = {}
        for start in range(0, len(receipts), _MOST):
            batch = enumerate(receipts[start : start + _MOST], start)
            failures |= self._delete(address, dict(batch))
        return [failures.get(number) for number in range(len(receipts))]

    def _receive(self, address: str, limit: int, hide: timedelta) -> list[Received]:
        answer = self._client.receive_message(
            QueueUrl=address,
            MaxNumberOfMessages=limit,
            VisibilityTimeout=whole_seconds(_clamped(hide)),
            MessageSystemAttributeNames=[
                "SentTimestamp",
                "ApproximateReceiveCount",
                "MessageGroupId",
            ],
            MessageAttributeNames=["All"],
        )
        return [_received(message) for message in answer.get("Messages", [])]

    def _delete(self, address: str, batch: Mapping[int, str]) -> dict[int, SendFailure]:
        try:
            answer = self._client.delete_message_batch(
                QueueUrl=address,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": receipt}
                    for number, receipt in batch.items()
                ],
            )
            done = {int(done["Id"]) for done in answer.get("Successful", [])}
            return _failures(batch, done, answer.get("Failed", []))
        except NO_ANSWER as error:
            return dict.fromkeys(batch, SendFailure(code=code_of(error), message=str(error)))

    def _send(self, address: str, batch: Mapping[int, Outgoing]) -> dict[int, SendFailure]:
        try:
            answer = self._client.send_message_batch(
                QueueUrl=address,
                Entries=[entry(message, str(number)) for number, message in batch.items()],
            )
            accepted = {int(accepted["Id"]) for accepted in answer.get("Successful", [])}
            return _failures(batch, accepted, answer.get("Failed", []))
        except NO_ANSWER as error:
            return dict.fromkeys(batch, SendFailure(code=code_of(error), message=str(error)))

    def _hide(self, address: str, batch: Mapping[int, Hide]) -> dict[int, SendFailure]:
        try:
            answer = self._client.change_message_visibility_batch(
                QueueUrl=address,
                Entries=[
                    {
                        "Id": str(number),
                        "ReceiptHandle": hide.receipt,
                        "VisibilityTimeout": whole_seconds(_clamped(hide.delay)),
                    }
                    for number, hide in batch.items()
                ],
            )
            done = {int(done["Id"]) for done in answer.get("Successful", [])}
            return _failures(batch, done, answer.get("Failed", []))
        except NO_ANSWER as error:
            return dict.fromkeys(batch, SendFailure(code=code_of(error), message=str(error)))


def _received(message: "MessageTypeDef") -> Received:
    system = message["Attributes"]
    sent_seconds = int(system["SentTimestamp"]) / 1000
    return Received(
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        attributes={
            name: value["StringValue"]
            for name, value in message.get("MessageAttributes", {}).items()
            if value["DataType"] == "String"
        },
        group=system.get("MessageGroupId"),
        sent_at=datetime.fromtimestamp(sent_seconds, tz=UTC),
        receive_count=int(system["ApproximateReceiveCount"]),
    )


def _batches(pending: Sequence[int], messages: Sequence[Outgoing]) -> Iterator[list[int]]:
    """The numbers of the messages, in order, in batches that SQS takes: ten, and 1 MiB in all."""
    batch: list[int] = []
    filled = 0
    for number in pending:
        size = size_bytes(messages[number])
        if len(batch) == _MOST or filled + size > limits.MAX_BATCH_BYTES:
            yield batch
            batch, filled = [], 0
        batch.append(number)
        filled += size
    if batch:
        yield batch


def _failures(
    batch: Mapping[int, object],
    done: set[int],
    failed: Sequence["BatchResultErrorEntryTypeDef"],
) -> dict[int, SendFailure]:
    """What did not work; an entry the answer says nothing of did not either."""
    silent = SendFailure(code="NoAnswer", message="the answer says nothing of this entry")
    named = {
        int(entry["Id"]): SendFailure(code=entry["Code"], message=entry.get("Message", ""))
        for entry in failed
    }
    return {number: named.get(number, silent) for number in batch if number not in done}


def _clamped(delay: timedelta) -> timedelta:
    return min(max(delay, timedelta(0)), limits.MAX_VISIBILITY)
