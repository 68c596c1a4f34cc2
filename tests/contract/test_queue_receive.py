"""Queue: receiving and deleting, as the sweeper does with dead letters, on every make of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from workerless.ports import Hide, Outgoing, Queue, Received

MINUTE = timedelta(minutes=1)

type QueueAt = tuple[Queue, str, Callable[[], list[dict[str, str]]]]


def take(queue: Queue, address: str, limit: int = 10, hide: timedelta = MINUTE) -> list[Received]:
    return queue.receive(address, limit=limit, hide=hide)


def test_message_is_received_with_all_that_was_sent(queue_at: QueueAt) -> None:
    queue, address, _ = queue_at
    sent = Outgoing(body="body", group="acme", attributes={"job_id": "job", "reason": "r\u00e9"})
    queue.send_many(address, [sent])

    (received,) = take(queue, address)

    assert (received.body, received.group) == ("body", "acme")
    assert received.attributes == {"job_id": "job", "reason": "r\u00e9"}
    assert received.receive_count == 1
    assert received.message_id
    assert received.sent_at.tzinfo is not None


def test_message_without_anything_beside_its_body_is_received(queue_at: QueueAt) -> None:
    queue, address, _ = queue_at
    queue.send_many(address, [Outgoing(body="body")])

    (received,) = take(queue, address)

    assert (received.attributes, received.group) == ({}, None)


def test_empty_queue_has_nothing_to_receive(queue_at: QueueAt) -> None:
    queue, address, _ = queue_at

    assert take(queue, address) == []


def test_more_than_fit_in_one_call_are_received_and_none_twice(queue_at: QueueAt) -> None:
    queue, address, _ = queue_at
    queue.send_many(address, [Outgoing(body=str(number)) for number in range(33)])

    first, rest = take(queue, address, limit=25), take(queue, address, limit=25)

    assert (len(first), len(rest)) == (25, 8)
    assert {one.body for one in [*first, *rest]} == {str(number) for number in range(33)}
    assert take(queue, address) == []


def test_deleted_messages_are_gone_and_others_stay(queue_at: QueueAt) -> None:
    queue, address, _ = queue_at
    queue.send_many(address, [Outgoing(body=str(number)) for number in range(13)])
    received = take(queue, address, limit=13)
    (wanted,) = [one.receipt for one in received if one.body == "7"]
    unwanted = [one.receipt for one in received if one.body != "7"]

    failures = queue.delete_many(address, unwanted)
    queue.hide_many(address, [Hide(receipt=wanted, delay=timedelta(0))])

    assert failures == [None] * 12
    assert [one.body for one in take(queue, address)] == ["7"]


def test_deleting_nothing_is_nothing(queue_at: QueueAt) -> None:
    queue, address, _ = queue_at

    assert queue.delete_many(address, []) == []


def test_deleting_twice_does_no_harm(queue_at: QueueAt) -> None:
    queue, address, _ = queue_at
    queue.send_many(address, [Outgoing(body="once")])
    (received,) = take(queue, address)

    queue.delete_many(address, [received.receipt])
    queue.delete_many(address, [received.receipt])

    assert take(queue, address) == []


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_no_more_are_received_than_asked_for(queue_at: QueueAt, limit: int) -> None:
    queue, address, _ = queue_at
    queue.send_many(address, [Outgoing(body=str(number)) for number in range(12)])

    assert len(take(queue, address, limit=limit)) == limit
