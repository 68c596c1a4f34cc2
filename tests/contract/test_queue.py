"""Queue: sending and hiding, on every make of it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from workerless import limits
from workerless.ports import Hide, Outgoing, Queue

SECOND = timedelta(seconds=1)

type Lambda = Callable[[], list[dict[str, str]]]
type QueueAt = tuple[Queue, str, Lambda]


def test_many_messages_arrive_once_each(queue_at: QueueAt) -> None:
    queue, address, receive = queue_at
    bodies = [f"body-{number:02}" for number in range(25)]

    failures = queue.send_many(address, [Outgoing(body=body, group="acme") for body in bodies])

    received = [message["body"] for _ in range(3) for message in receive()]
    assert failures == [None] * 25
    assert sorted(received) == bodies


def test_delayed_message_does_not_arrive_at_once(queue_at: QueueAt) -> None:
    queue, address, receive = queue_at

    (failure,) = queue.send_many(address, [Outgoing(body="later", delay=SECOND / 100)])

    assert failure is None
    assert receive() == []


def test_only_what_could_be_received_now_is_waiting(queue_at: QueueAt) -> None:
    queue, address, receive = queue_at
    queue.send_many(
        address,
        [*(Outgoing(body=str(n)) for n in range(12)), Outgoing(body="x", delay=60 * SECOND)],
    )
    before = queue.waiting(address)

    hidden = receive()

    assert before == 12
    assert queue.waiting(address) == 12 - len(hidden)


def test_message_shown_again_at_once_is_received_again(queue_at: QueueAt) -> None:
    queue, address, receive = queue_at
    queue.send_many(address, [Outgoing(body="again")])
    (message,) = receive()
    gone = receive()

    (failure,) = queue.hide_many(address, [Hide(receipt=message["receipt"], delay=-SECOND)])

    assert gone == []
    assert failure is None
    assert [again["body"] for again in receive()] == ["again"]


def test_hidden_message_stays_hidden(queue_at: QueueAt) -> None:
    queue, address, receive = queue_at
    queue.send_many(address, [Outgoing(body="hidden")])
    (message,) = receive()

    (failure,) = queue.hide_many(address, [Hide(receipt=message["receipt"], delay=60 * SECOND)])

    assert failure is None
    assert receive() == []


def test_receipt_of_nothing_is_reported_alone(queue_at: QueueAt) -> None:
    queue, address, receive = queue_at
    queue.send_many(address, [Outgoing(body="here")])
    (message,) = receive()
    hides = [Hide(receipt=receipt, delay=SECOND) for receipt in ("none", message["receipt"])]

    unknown, known = queue.hide_many(address, hides)

    assert unknown is not None
    assert known is None


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (Outgoing(body=""), "must not be empty"),
        (Outgoing(body="\x00"), r"characters of XML 1.0, got '\\x00'"),
        (Outgoing(body="\ud800"), r"got '\\ud800'"),
        (Outgoing(body="x", delay=limits.MAX_DELAY + SECOND / 1000), "between 0 s and 0:15:00"),
        (Outgoing(body="x", delay=-SECOND), "between 0 s"),
        (Outgoing(body="x", group="two words"), "group must match"),
        (Outgoing(body="x", group="g" * 129), "group must match"),
        (Outgoing(body="x", attributes={"AWS.trace": "1"}), "name must match"),
        (Outgoing(body="x", attributes={"a..b": "1"}), "name must match"),
        (Outgoing(body="x", attributes={"a" * 257: "1"}), "name must match"),
        (Outgoing(body="x", attributes={f"a{n}": "1" for n in range(11)}), "at most 10 attr"),
        (Outgoing(body="x" * (limits.MAX_MESSAGE_BYTES + 1)), "got 1048577"),
        (Outgoing(body="☃" * (limits.MAX_MESSAGE_BYTES // 3 + 1)), "got 1048578"),
        (
            Outgoing(body="x" * (limits.MAX_MESSAGE_BYTES - 10), attributes={"name": "v"}),
            "got 1048577",
        ),
    ],
)
def test_message_sqs_would_refuse_is_reported_and_its_neighbour_sent(
    queue_at: QueueAt, message: Outgoing, problem: str
) -> None:
    queue, address, receive = queue_at

    refused, sent = queue.send_many(address, [message, Outgoing(body="neighbour")])

    assert refused is not None
    assert refused.code == "InvalidMessage"
    assert re.search(problem, refused.message)
    assert sent is None
    assert [arrived["body"] for arrived in receive()] == ["neighbour"]


@pytest.mark.parametrize(
    "message",
    [
        Outgoing(body="x" * limits.MAX_MESSAGE_BYTES),
        Outgoing(body="x", delay=limits.MAX_DELAY),
        Outgoing(body="x", group="a!~" + "g" * 125),
        Outgoing(body="\t\n\r☃\U0001f600\ufffd"),
        Outgoing(body="x", attributes={f"a.{n}": "v" for n in range(10)}),
        Outgoing(body="x", attributes={"left_out": "", "escaped": "\x00\ud800\uffff\x1b"}),
    ],
)
def test_message_at_the_edge_is_sent(queue_at: QueueAt, message: Outgoing) -> None:
    queue, address, _ = queue_at

    assert queue.send_many(address, [message]) == [None]
