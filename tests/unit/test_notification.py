"""notification: a message of a topic is what was told to it, whose id is that of the topic."""

import json
from typing import Any

import pytest

from workerless.execution.arrival import arrival_of
from workerless.message import MalformedMessage, Message, read

PUBLISHED: dict[str, Any] = {
    "Type": "Notification",
    "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
    "TopicArn": "arn:aws:sns:eu-central-1:123456789012:news",
    "Message": '{"name": "Ada"}',
    "Timestamp": "2026-11-22T16:00:00.000Z",
}


def received(**changes: Any) -> Message:
    body = json.dumps(PUBLISHED | changes)
    return read(body, job_type="greet", message_id="sqs-1")


def test_payload_in_an_envelope_is_a_job_of_the_topics_id() -> None:
    message = received()

    assert message.data == {"name": "Ada"}
    assert message.job_id == "greet--sns:165545c9-2a5c-472c-8df2-7ff2be2b3b1b"
    assert message.generation is None


def test_event_in_an_envelope_keeps_its_own_id() -> None:
    event = {"specversion": "1.0", "type": "greet", "id": "order:1", "data": {"name": "Ada"}}

    message = received(Message=json.dumps(event))

    assert (message.job_id, message.data) == ("order:1", {"name": "Ada"})


def test_message_that_is_sent_again_needs_no_envelope() -> None:
    arrival = arrival_of(
        message_id="sqs-1",
        receipt="r",
        body=json.dumps(PUBLISHED),
        receive_count=1,
        sent_at=None,  # type: ignore[arg-type]  # not looked at
        group=None,
        job_type="greet",
        bucket="files",
        returned=None,
    )

    again = read(arrival.fresh_body(generation=1), job_type="greet", message_id="sqs-2")

    assert again.job_id == arrival.message.job_id
    assert again.data == {"name": "Ada"}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("hello", "not_json"),
        ("[1]", "not_an_object"),
        ('{"specversion": "1.0", "type": "other", "id": "a", "data": {}}', "wrong_queue"),
    ],
)
def test_what_is_no_message_in_an_envelope_is_none(said: str, reason: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        received(Message=said)

    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "changes",
    [
        {"Type": "SubscriptionConfirmation"},
        {"Message": {"name": "Ada"}},
        {"MessageId": "<x>"},
        {"MessageId": None},
    ],
    ids=repr,
)
def test_payload_that_only_looks_alike_is_a_bare_one(changes: dict[str, Any]) -> None:
    message = received(**changes)

    assert message.job_id == "sqs-1"
    assert message.data == PUBLISHED | changes


def test_envelopes_are_opened_once() -> None:
    message = received(Message=json.dumps(PUBLISHED))

    assert message.data == PUBLISHED
