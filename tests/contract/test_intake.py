"""SqsIntake: messages come as Lambda would hand them over, and what fails is told."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from workerless.aws.intake import SqsIntake
from workerless.aws.sqs import SqsQueue
from workerless.errors import QueueUnavailableError
from workerless.execution.arrival import arrive
from workerless.ports import Outgoing

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


@pytest.fixture
def kept() -> list[tuple[str, str]]:
    """What was told of messages that could not be deleted."""
    return []


@pytest.fixture
def intake(sqs: "SQSClient", sqs_queue: SqsQueue, kept: list[tuple[str, str]]) -> SqsIntake:
    return SqsIntake(sqs, sqs_queue, lambda queue, code: kept.append((queue, code)))


def test_a_worker_reads_in_a_record_all_that_was_sent(
    intake: SqsIntake, sqs_queue: SqsQueue, queue_url: str
) -> None:
    sqs_queue.send_many(
        queue_url, [Outgoing(body="{}", group="acme", attributes={"returned": "2"})]
    )

    (record,) = intake.take(queue_url, limit=10, wait_seconds=1)
    arrived = arrive(record, "task", "bucket")

    assert (arrived.body, arrived.group, arrived.returned) == ("{}", "acme", "2")
    assert arrived.receive_count == 1
    assert abs(arrived.sent_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert record["eventSourceARN"].rpartition(":")[2] == queue_url.rpartition("/")[2]


def test_the_trace_of_a_producer_comes_along(
    intake: SqsIntake, sqs: "SQSClient", queue_url: str
) -> None:
    header: Any = {"AWSTraceHeader": {"DataType": "String", "StringValue": HEADER}}
    sqs.send_message(QueueUrl=queue_url, MessageBody="{}", MessageSystemAttributes=header)

    (record,) = intake.take(queue_url, limit=1, wait_seconds=1)

    assert record["attributes"]["AWSTraceHeader"] == HEADER


def test_what_was_taken_is_hidden_and_what_was_acknowledged_is_gone(
    intake: SqsIntake,
    sqs: "SQSClient",
    sqs_queue: SqsQueue,
    queue_url: str,
    kept: list[tuple[str, str]],
) -> None:
    sqs_queue.send_many(queue_url, [Outgoing(body=str(number)) for number in range(3)])

    taken = intake.take(queue_url, limit=10, wait_seconds=1)
    receipts = [one["receiptHandle"] for one in taken]
    again = intake.take(queue_url, limit=10, wait_seconds=0)
    intake.acknowledge(queue_url, receipts)

    assert ({one["body"] for one in taken}, again) == ({"0", "1", "2"}, [])
    assert kept == []
    told = sqs.get_queue_attributes(
        QueueUrl=queue_url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )
    assert set(told["Attributes"].values()) == {"0"}


def test_message_that_cannot_be_deleted_is_told_by_its_code(
    intake: SqsIntake, queue_url: str, kept: list[tuple[str, str]]
) -> None:
    intake.acknowledge(queue_url, ["no receipt of any message"])

    ((queue, code),) = kept
    assert queue == queue_url
    assert "Receipt" in code


def test_queue_that_does_not_answer_is_unavailable(
    intake: SqsIntake, queue_url: str, listen_to_sqs: Any
) -> None:
    with pytest.raises(
        QueueUnavailableError, match=r"nowhere did not say .*(NonExist|DoesNotExist)"
    ):
        intake.take(f"{queue_url}-nowhere", limit=10, wait_seconds=0)

    def garble(**_: object) -> None:
        b"\xff".decode()

    listen_to_sqs("after-call.sqs.ReceiveMessage", garble)
    with pytest.raises(QueueUnavailableError, match="UnicodeDecodeError"):
        intake.take(queue_url, limit=10, wait_seconds=0)
