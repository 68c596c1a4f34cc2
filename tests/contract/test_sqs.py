"""SqsQueue: batches, retries and what becomes of the failures of a batch."""

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from workerless import limits
from workerless.aws.sqs import SqsQueue
from workerless.errors import QueueUnavailableError
from workerless.ports import Hide, Outgoing
from workerless.testing.memory import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

SECOND = timedelta(seconds=1)


@pytest.fixture
def sent(listen_to_sqs: Any) -> list[dict[str, Any]]:
    """The parameters of every SendMessageBatch."""
    calls: list[dict[str, Any]] = []
    listen_to_sqs(
        "provide-client-params.sqs.SendMessageBatch", lambda params, **_: calls.append(dict(params))
    )
    return calls


def _fail(listen_to_sqs: Any, entry_id: str, *, times: int) -> None:
    """Move an entry from the successes of an answer to its failures, as a busy SQS does."""
    left = [None] * times

    def move(parsed: dict[str, Any], **_: object) -> None:
        done = parsed["Successful"]
        if any(entry["Id"] == entry_id for entry in done) and left:
            left.pop()
            parsed["Successful"] = [entry for entry in done if entry["Id"] != entry_id]
            parsed["Failed"] = [
                {"Id": entry_id, "Code": "ServiceUnavailable", "SenderFault": False}
            ]

    listen_to_sqs("after-call.sqs.SendMessageBatch", move)


def test_entry_that_failed_is_sent_again_alone(
    sqs_queue: SqsQueue,
    queue_url: str,
    clock: FakeClock,
    listen_to_sqs: Any,
    sent: list[dict[str, Any]],
) -> None:
    _fail(listen_to_sqs, "1", times=2)

    failures = sqs_queue.send_many(queue_url, [Outgoing(body=str(n)) for n in range(3)])

    assert failures == [None, None, None]
    assert [[entry["Id"] for entry in call["Entries"]] for call in sent] == [
        ["0", "1", "2"],
        ["1"],
        ["1"],
    ]
    assert len(clock.sleeps) == 2


def test_entry_that_always_fails_is_reported_after_four_times(
    sqs_queue: SqsQueue,
    queue_url: str,
    clock: FakeClock,
    listen_to_sqs: Any,
    sent: list[dict[str, Any]],
) -> None:
    _fail(listen_to_sqs, "0", times=100)

    first, second = sqs_queue.send_many(queue_url, [Outgoing(body="a"), Outgoing(body="b")])

    assert first is not None
    assert first.code == "ServiceUnavailable"
    assert second is None
    assert len(sent) == 4
    waited = clock.sleeps
    assert all(wait <= SECOND / 5 * 2**n for n, wait in enumerate(waited))
    assert len(waited) == 3


def test_entry_an_answer_forgets_is_sent_again(
    sqs_queue: SqsQueue, queue_url: str, listen_to_sqs: Any, sent: list[dict[str, Any]]
) -> None:
    listen_to_sqs(
        "after-call.sqs.SendMessageBatch",
        lambda parsed, **_: parsed.clear() if len(sent) == 1 else None,
    )

    assert sqs_queue.send_many(queue_url, [Outgoing(body="a")]) == [None]
    assert len(sent) == 2


def test_queue_that_is_not_there_fails_every_entry(
    sqs_queue: SqsQueue, queue_url: str, clock: FakeClock
) -> None:
    nowhere = f"{queue_url}-nowhere"

    sent = sqs_queue.send_many(nowhere, [Outgoing(body="a"), Outgoing(body="b")])
    hidden = sqs_queue.hide_many(nowhere, [Hide(receipt="r", delay=SECOND)])

    codes = {failure.code.rpartition(".")[2] for failure in (*sent, *hidden) if failure}
    assert all((*sent, *hidden))
    assert codes <= {"NonExistentQueue", "QueueDoesNotExist"}
    assert len(clock.sleeps) == 3


def test_garbled_answer_is_a_failure_of_its_batch(
    sqs_queue: SqsQueue, queue_url: str, listen_to_sqs: Any
) -> None:
    def garble(**_: object) -> None:
        b"\xff".decode()

    listen_to_sqs("after-call.sqs.*", garble)

    (sent,) = sqs_queue.send_many(queue_url, [Outgoing(body="a")])
    (hidden,) = sqs_queue.hide_many(queue_url, [Hide(receipt="r", delay=SECOND)])

    assert sent is not None
    assert hidden is not None
    assert {sent.code, hidden.code} == {"UnicodeDecodeError"}


def test_batch_holds_a_mebibyte_attributes_included(
    sqs_queue: SqsQueue, queue_url: str, sent: list[dict[str, Any]]
) -> None:
    # 4 of these and their attributes fit exactly; one byte more would not.
    attributes = {"reason": "v" * 100}
    body = "x" * (limits.MAX_BATCH_BYTES // 4 - len("reason") - len("String") - 100)
    exact = [Outgoing(body=body, attributes=attributes)] * 8
    over = [Outgoing(body=body + "x", attributes=attributes)] * 4

    assert sqs_queue.send_many(queue_url, exact) == [None] * 8
    assert sqs_queue.send_many(queue_url, over) == [None] * 4
    assert [len(call["Entries"]) for call in sent] == [4, 4, 3, 1]


def test_batch_holds_ten_messages(
    sqs_queue: SqsQueue, queue_url: str, sent: list[dict[str, Any]]
) -> None:
    sqs_queue.send_many(queue_url, [Outgoing(body="x")] * 25)

    assert [len(call["Entries"]) for call in sent] == [10, 10, 5]


def test_message_is_sent_with_all_it_says(
    sqs_queue: SqsQueue, queue_url: str, sent: list[dict[str, Any]]
) -> None:
    message = Outgoing(
        body="x",
        delay=timedelta(milliseconds=1_001),
        group="acme",
        attributes={"reason": "\x00☃\ud800", "empty": ""},
    )

    sqs_queue.send_many(queue_url, [message])

    assert sent[0]["Entries"] == [
        {
            "Id": "0",
            "MessageBody": "x",
            "DelaySeconds": 2,
            "MessageGroupId": "acme",
            "MessageAttributes": {"reason": {"DataType": "String", "StringValue": "\\x00☃\\ud800"}},
        }
    ]


def test_hide_is_in_whole_seconds_up_to_twelve_hours(
    sqs_queue: SqsQueue, queue_url: str, listen_to_sqs: Any
) -> None:
    calls: list[dict[str, Any]] = []
    listen_to_sqs(
        "provide-client-params.sqs.ChangeMessageVisibilityBatch",
        lambda params, **_: calls.append(params),
    )
    delays = [-SECOND, SECOND / 10, 12 * 3_600 * SECOND, 13 * 3_600 * SECOND, *[SECOND] * 7]

    failures = sqs_queue.hide_many(
        queue_url, [Hide(receipt=f"r{n}", delay=delay) for n, delay in enumerate(delays)]
    )

    asked = [[entry["VisibilityTimeout"] for entry in call["Entries"]] for call in calls]
    assert asked == [[0, 1, 43_200, 43_200, 1, 1, 1, 1, 1, 1], [1]]
    assert all(failures)


def test_nothing_to_send_is_no_call(sqs: "SQSClient", clock: FakeClock) -> None:
    queue = SqsQueue(sqs, clock, Random(0))

    assert queue.send_many("nowhere", []) == []
    assert queue.hide_many("nowhere", []) == []


def test_queue_that_does_not_answer_says_so(sqs_queue: SqsQueue) -> None:
    with pytest.raises(QueueUnavailableError, match="did not say how many messages wait"):
        sqs_queue.waiting("https://sqs.us-east-1.amazonaws.com/123456789012/nowhere")


def test_trace_is_told_to_aws_too_where_it_is_one(
    sqs: "SQSClient", clock: FakeClock, queue_url: str, sent: list[dict[str, Any]]
) -> None:
    trace = f"00-5759e988bd862e3fe1be46a994272793-{'2' * 16}-01"
    messages = [Outgoing(body=one, traceparent=one) for one in (trace, "t")]

    failures = SqsQueue(sqs, clock, Random(0)).send_many(queue_url, [*messages, Outgoing(body="x")])

    header = f"Root=1-5759e988-bd862e3fe1be46a994272793;Parent={'2' * 16};Sampled=1"
    value = {"DataType": "String", "StringValue": header}
    told = [entry.get("MessageSystemAttributes") for entry in sent[0]["Entries"]]
    assert told == [{"AWSTraceHeader": value}, None, None]
    assert failures == [None, None, None]
