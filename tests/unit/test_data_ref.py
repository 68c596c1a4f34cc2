"""data_ref: where a payload may lie, and how a message says so."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from workerless.data_ref import DataRef, outlasts, payload_key
from workerless.limits import MAX_JOB_ID_LENGTH
from workerless.message import MalformedMessage, Message, read
from workerless.testing.clock import START

DIGEST = "0f" * 32
REF = DataRef(bucket="files", key=payload_key("note", "a:1", DIGEST), digest=DIGEST)
SENT = Message(job_id="a", job_type="note", data={}, generation=1, ref=REF)


def event(**changes: Any) -> str:
    event = json.loads(SENT.body())
    changed = {**event, **changes}
    return json.dumps({name: value for name, value in changed.items() if value is not ...})


def received(body: str, bucket: str | None = "files") -> Message:
    return read(body, job_type="note", message_id="sqs-1", bucket=bucket)


def test_claim_check_that_was_written_is_read_back() -> None:
    body = SENT.body()

    assert received(body) == SENT
    assert received(body).body() == body
    assert "data" not in json.loads(body)
    assert received(body).digest == DIGEST


def test_payload_once_fetched_is_never_sent() -> None:
    fetched = replace(SENT, data={"text": "big"})

    assert fetched.body() == SENT.body()
    assert fetched.digest == DIGEST


def test_data_in_the_event_wins_over_a_claim_check() -> None:
    message = received(event(data={"text": "a"}))

    assert (message.data, message.ref) == ({"text": "a"}, None)


def test_data_may_be_null_beside_a_claim_check() -> None:
    assert received(event(data=None)).ref == REF


@pytest.mark.parametrize("key", ["payloads/note/a.json", "payloads/note/2026/11/a_b-c.d=e"])
def test_file_may_lie_anywhere_below_the_job_types_payloads(key: str) -> None:
    ref = received(event(dataref=f"s3://files/{key}")).ref

    assert ref is not None
    assert ref.key == key


@pytest.mark.parametrize(
    "changes",
    [
        {"dataref": "s3://other/payloads/note/a.json"},
        {"dataref": "s3://files/payloads/notes/a.json"},
        {"dataref": "s3://files/payloads/note"},
        {"dataref": "s3://files/payloads/note/"},
        {"dataref": "s3://files/payloads/note/../other/a"},
        {"dataref": "s3://files/payloads/note/./a"},
        {"dataref": "s3://files//payloads/note/a"},
        {"dataref": "s3://files/payloads/note/a b"},
        {"dataref": "s3://files/payloads/note/a\n"},
        {"dataref": "s3://files/payloads/note/a?versionId=1"},
        {"dataref": "s3://files/payloads/note/" + "a" * 1_000},
        {"dataref": "https://files/payloads/note/a"},
        {"dataref": ["s3://files/payloads/note/a"]},
        {"dataref": ""},
        {"datadigest": ...},
        {"datadigest": None},
        {"datadigest": DIGEST.upper()},
        {"datadigest": DIGEST + "0"},
        {"datadigest": 7},
        {"dataref": ...},
        {"dataref": None},
    ],
)
def test_anything_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage) as refused:
        received(event(**changes))

    assert refused.value.reason == "invalid_envelope"


def test_who_fetches_nothing_takes_any_bucket() -> None:
    assert received(event(dataref="s3://other/payloads/note/a"), bucket=None).ref is not None


def test_longest_names_make_a_key_that_is_read() -> None:
    key = payload_key("n" * 40, "a" * MAX_JOB_ID_LENGTH, DIGEST)
    ref = DataRef(bucket="b" * 63, key=key, digest=DIGEST)

    body = replace(SENT, job_type="n" * 40, ref=ref).body()

    assert read(body, job_type="n" * 40, message_id="sqs-1").ref == ref


@pytest.mark.parametrize(("days", "needs_care"), [(0, False), (7, False), (8, True)])
def test_payload_needs_care_once_its_job_is_a_week_old(days: int, *, needs_care: bool) -> None:
    assert outlasts(START, START + timedelta(days=days)) is needs_care
