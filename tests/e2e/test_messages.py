"""Messages of plain boto3 on the local cloud: bare, of other versions, and bad ones."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests.e2e.seen import dead_letters, reason_of, wait_for
from workerless import State
from workerless.client import Client
from workerless.job_type import JobType
from workerless.ports import Address

pytestmark = pytest.mark.local_cloud

type JobTypes = dict[str, JobType[Any, Any]]


def test_bare_message_of_plain_boto3_is_a_job(
    client: Client, address: Callable[[str], Address]
) -> None:
    answer = boto3.client("sqs").send_message(
        QueueUrl=address("act").queue, MessageBody='{"deed": "return", "text": "bare"}'
    )

    ended = wait_for(client, answer["MessageId"])
    assert (ended.state, ended.result) == (State.COMPLETED, {"text": "bare", "attempt": 1})


def test_message_of_an_earlier_version_is_lifted(
    client: Client, address: Callable[[str], Address]
) -> None:
    event = {
        "specversion": "1.0",
        "id": "of-version-1",
        "source": "shop",
        "type": "act",
        "dataschema": "urn:workerless:act:1",
        "data": {"do": "return", "text": "old"},
    }
    boto3.client("sqs").send_message(QueueUrl=address("act").queue, MessageBody=json.dumps(event))

    assert wait_for(client, "of-version-1").result == {"text": "old", "attempt": 1}


BAD_BODIES = {
    "not json": "not_json",
    '{"deed": "return", "text": "\\ud800"}': "not_unicode",
    "[1]": "not_an_object",
    '{"deed": ' + "[" * 2000 + "]" * 2000 + "}": "too_deep",
    '{"deed": "return", "text": "' + "x" * 300_000 + '"}': "too_large",
    '{"specversion": "9.9", "id": "a", "type": "act", "data": {}}': "unknown_envelope",
    '{"specversion": "1.0", "id": "", "type": "act", "data": {}}': "invalid_envelope",
    '{"specversion": "1.0", "id": "b", "type": "noop", "data": {"number": 1}}': "wrong_queue",
    '{"deed": "no such deed"}': "invalid_payload",
    '{"deed": "return", "text": 7}': "invalid_payload",
}


def test_bad_messages_end_in_the_dead_letter_queue_with_reason_and_body(
    client: Client, address: Callable[[str], Address]
) -> None:
    sqs, act = boto3.client("sqs"), address("act")
    sent = {}
    for body in BAD_BODIES:
        sent[sqs.send_message(QueueUrl=act.queue, MessageBody=body)["MessageId"]] = body

    letters = dead_letters(act, set(sent))

    assert {letter["Body"]: reason_of(letter) for letter in letters} == BAD_BODIES
    for message_id in sent:
        assert wait_for(client, message_id).state is State.FAILED


def test_failed_job_is_dead_lettered_with_its_error(
    client: Client, job_types: JobTypes, address: Callable[[str], Address]
) -> None:
    act = job_types["act"]
    job = client.enqueue(act, act.payload(deed="raise"), correlation_id="request-1")
    job.wait(timedelta(seconds=60))

    (letter,) = dead_letters(address("act"), {job.id})

    told = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert told["reason"] == "attempts_exhausted"
    assert (told["error_type"], told.get("error_message")) == ("RuntimeError", None)
    assert told["attempts"] == "2"
    assert json.loads(letter["Body"])["correlationid"] == "request-1"
