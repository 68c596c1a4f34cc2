"""Looking into a dead-letter queue without taking anything out of it."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

import boto3

from demo.expectation import UnmetExpectation
from demo.run import PATIENCE

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_PER_CALL = 10  # SQS' own limit
# What was seen stays hidden while we look on: each is seen once, however many lie there.
_HIDDEN_SECONDS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """The body as it was sent, and beside it why it is here."""

    body: str
    attributes: Mapping[str, str]


def find_dead_letter(queue: str, job_id: str) -> DeadLetter:
    """The dead letter of one job. Raises ``UnmetExpectation`` when it does not come."""
    give_up_at = time.monotonic() + PATIENCE.total_seconds()
    with _seen_and_put_back(queue) as receive:
        while time.monotonic() < give_up_at:
            for message in receive():
                found = _read(message)
                if found.attributes.get("job_id") == job_id:
                    return found
    raise UnmetExpectation(f"dead letter of job {job_id}: expected within {PATIENCE}, got none")


@contextmanager
def _seen_and_put_back(queue: str) -> "Iterator[Callable[[], list[MessageTypeDef]]]":
    sqs = boto3.client("sqs")
    receipts: list[str] = []

    def receive() -> "list[MessageTypeDef]":
        answer = sqs.receive_message(
            QueueUrl=queue,
            MaxNumberOfMessages=_PER_CALL,
            MessageAttributeNames=["All"],
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=1,
        )
        messages = answer.get("Messages", [])
        receipts.extend(message["ReceiptHandle"] for message in messages)
        return messages

    try:
        yield receive
    finally:
        for some in batched(receipts, _PER_CALL, strict=False):
            sqs.change_message_visibility_batch(
                QueueUrl=queue,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                    for index, receipt in enumerate(some)
                ],
            )


def _read(message: "MessageTypeDef") -> DeadLetter:
    attributes = message.get("MessageAttributes", {})
    return DeadLetter(
        body=message["Body"],
        attributes={name: value["StringValue"] for name, value in attributes.items()},
    )
