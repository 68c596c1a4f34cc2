"""Messages of SQS in the shape in which Lambda hands them over.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workerless.aws.fault import NO_ANSWER, code_of
from workerless.errors import QueueUnavailableError
from workerless.ports import Queue

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef


class SqsIntake:
    """``client`` waits longer than a long poll; ``queue`` deletes, ``on_kept`` hears what fails."""

    def __init__(
        self, client: "SQSClient", queue: Queue, on_kept: Callable[[str, str], None]
    ) -> None:
        self._client = client
        self._queue = queue
        self._on_kept = on_kept

    def take(self, queue: str, *, limit: int, wait_seconds: int) -> list[Mapping[str, Any]]:
        """They are hidden for the queue's visibility timeout: six times what a batch may take."""
        try:
            answer = self._client.receive_message(
                QueueUrl=queue,
                MaxNumberOfMessages=limit,
                WaitTimeSeconds=wait_seconds,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        except NO_ANSWER as error:
            raise QueueUnavailableError(
                f"queue {queue} did not say what is in it: {code_of(error)}"
            ) from error
        return [_record(message, queue) for message in answer.get("Messages", [])]

    def acknowledge(self, queue: str, receipts: Sequence[str]) -> None:
        """Not retried: what is still there is received again, as a duplicate."""
        for failure in self._queue.delete_many(queue, receipts):
            if failure is not None:
                self._on_kept(queue, failure.code)


def _record(message: "MessageTypeDef", queue: str) -> Mapping[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {
            name: {"stringValue": value.get("StringValue"), "dataType": value["DataType"]}
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "eventSource": "aws:sqs",
        # Workers read only the last part of it.
        "eventSourceARN": f"arn:aws:sqs:::{queue.rpartition('/')[2]}",
    }
