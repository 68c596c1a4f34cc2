"""message: what is a message of a queue, and the reason given for everything else."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from workerless.limits import MAX_BODY_BYTES, MAX_JSON_DEPTH
from workerless.message import MalformedMessage, Message, read

EVENT: dict[str, Any] = {"specversion": "1.0", "type": "greet", "id": "order:1", "data": {}}
SCHEMA = "urn:workerless:greet:1"


def received(body: str) -> Message:
    return read(body, job_type="greet", message_id="sqs-1")


def event(**changes: Any) -> str:
    return json.dumps({**EVENT, **changes})


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"in": value}
    return value


def bare(size: int, letter: str = "x") -> str:
    """A bare payload of exactly ``size`` bytes."""
    empty = '{"text":""}'
    return empty.replace('""', f'"{letter * ((size - len(empty)) // len(letter.encode()))}"')


def test_event_says_what_cloudevents_asks_for() -> None:
    message = Message(
        job_id="order:1",
        job_type="greet",
        data={"name": "Ada"},
        version=2,
        generation=1,
        time=datetime(2026, 11, 20, 2, tzinfo=UTC),
    )

    assert json.loads(message.body()) == {
        "specversion": "1.0",
        "id": "order:1",
        "source": "workerless",
        "type": "greet",
        "time": "2026-11-20T02:00:00+00:00",
        "datacontenttype": "application/json",
        "dataschema": "urn:workerless:greet:2",
        "generation": 1,
        "data": {"name": "Ada"},
    }


def test_object_without_specversion_is_the_payload_itself() -> None:
    assert received('{"name": "Ada", "id": 7}') == Message(
        job_id="sqs-1", job_type="greet", data={"name": "Ada", "id": 7}, source="bare"
    )


def test_smallest_foreign_event_is_a_new_job_under_its_own_id() -> None:
    assert received(event()) == Message(
        job_id="order:1", job_type="greet", data={}, source="unknown"
    )


def test_unknown_extension_of_a_foreign_event_is_ignored() -> None:
    assert received(event(subject="x", partitionkey={"a": [1]})).job_id == "order:1"


def test_field_that_is_null_counts_as_absent() -> None:
    message = received(event(tenant=None, generation=None, dataschema=None, source=None))

    assert (message.tenant, message.generation, message.version) == (None, None, None)


def test_last_of_two_equal_keys_counts() -> None:
    assert received('{"name": "Ada", "name": "Bob"}').data == {"name": "Bob"}


def test_escaped_control_characters_and_emoji_are_data_like_any_other() -> None:
    assert received(r'{"text": "\u0000\u001f\ud83d\ude00"}').data == {"text": "\x00\x1f\U0001f600"}


REFUSED: list[tuple[str, str]] = [
    ("", "not_json"),
    ("hello", "not_json"),
    ("{'name': 'Ada'}", "not_json"),
    ('{"name": "Ada"', "not_json"),
    ('{"a": 1} {"b": 2}', "not_json"),
    ('\ufeff{"a": 1}', "not_json"),
    ('{"a": "line\nbreak"}', "not_json"),
    ('{"a": NaN}', "not_json"),
    ('{"a": Infinity}', "not_json"),
    ('{"a": -Infinity}', "not_json"),
    ('{"a": 1e999}', "not_json"),
    ('{"a": -1e999}', "not_json"),
    ('{"a": ' + "1" * 5_000 + "}", "not_json"),
    (r'{"a": "\ud800"}', "not_unicode"),
    (r'{"a": "\uDFFF"}', "not_unicode"),
    (r'{"\ud800": 1}', "not_unicode"),
    ('{"a": "\ud800"}', "not_unicode"),
    (event(data={"a": "\ud83d"}), "not_unicode"),
    (event(id="\ud800"), "not_unicode"),
    ("null", "not_an_object"),
    ("7", "not_an_object"),
    ('"text"', "not_an_object"),
    ("[]", "not_an_object"),
    ('[{"name": "Ada"}]', "not_an_object"),
    (bare(MAX_BODY_BYTES + 1), "too_large"),
    (bare(MAX_BODY_BYTES + 3, "é"), "too_large"),
    ("[" * 100_000, "too_deep"),
    ('{"a":' * 40_000 + "1" + "}" * 40_000, "too_deep"),
    (json.dumps(nested(MAX_JSON_DEPTH + 1)), "too_deep"),
    (event(data=nested(MAX_JSON_DEPTH + 1)), "too_deep"),
    (event(specversion="0.3"), "unknown_envelope"),
    (event(specversion=1.0), "unknown_envelope"),
    (event(specversion=None), "unknown_envelope"),
    (event(specversion={}), "unknown_envelope"),
    (event(type="send_email"), "wrong_queue"),
    (event(expirytime=7), "invalid_envelope"),
    (event(expirytime="soon"), "invalid_envelope"),
    (event(expirytime="2026-01-01T00:00:00"), "invalid_envelope"),  # of which zone
    (event(expirytime="0001-01-01T00:00:00+23:59"), "invalid_envelope"),
    (event(type=None), "wrong_queue"),
    (event(type=["greet"]), "wrong_queue"),
    (event(id=None), "invalid_envelope"),
    (event(id=7), "invalid_envelope"),
    (event(id=""), "invalid_envelope"),
    (event(id="-1"), "invalid_envelope"),
    (event(id="a b"), "invalid_envelope"),
    (event(id="a\n"), "invalid_envelope"),
    (event(id="é"), "invalid_envelope"),
    (event(id="x" * 129), "invalid_envelope"),
    (event(data=None), "invalid_envelope"),
    (event(data=[1]), "invalid_envelope"),
    (event(data="{}"), "invalid_envelope"),
    (event(source=""), "invalid_envelope"),
    (event(source="x" * 257), "invalid_envelope"),
    (event(source="a\tb"), "invalid_envelope"),
    (event(tenant="a b"), "invalid_envelope"),
    (event(tenant="x" * 129), "invalid_envelope"),
    (event(correlationid=1), "invalid_envelope"),
    (event(correlationid="a\x00b"), "invalid_envelope"),
    (event(parentid=[]), "invalid_envelope"),
    (event(traceparent="\u2028"), "invalid_envelope"),
    (event(dataschema="urn:workerless:greet:0"), "invalid_envelope"),
    (event(dataschema="urn:workerless:greet:1000000"), "invalid_envelope"),
    (event(dataschema="urn:workerless:other:1"), "invalid_envelope"),
    (event(dataschema="https://example.com/greet.json"), "invalid_envelope"),
    (event(dataschema=1), "invalid_envelope"),
    (event(generation=0), "invalid_envelope"),
    (event(generation=1.0), "invalid_envelope"),
    (event(generation=True), "invalid_envelope"),
    (event(generation="1"), "invalid_envelope"),
    (event(generation=10**40), "invalid_envelope"),
    (event(attempts=0), "invalid_envelope"),
    (event(attempts=101), "invalid_envelope"),
    (event(attempts="2"), "invalid_envelope"),
    (event(attempts=True), "invalid_envelope"),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED, ids=lambda value: ascii(value)[:40])
def test_everything_else_is_refused_with_its_reason(body: str, reason: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        received(body)

    assert caught.value.reason == reason
    assert 0 < len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "body",
    [
        bare(MAX_BODY_BYTES - 8_192),
        bare((MAX_BODY_BYTES - 8_192) // 3, "é"),
        json.dumps(nested(MAX_JSON_DEPTH)),
        event(data=nested(MAX_JSON_DEPTH)),
        event(id="x" * 128, tenant="!~" * 64, source="ü" * 256),
        event(dataschema="urn:workerless:greet:999999", generation=1_000_000),
        '{"a": 1e308, "b": ' + "1" * 4_300 + "}",
    ],
    ids=lambda value: value[:40],
)
def test_body_at_its_limits_is_read(body: str) -> None:
    assert received(body).job_type == "greet"


def test_refusal_names_field_and_value_but_shows_no_payload() -> None:
    with pytest.raises(MalformedMessage, match=r"id must be text matching .*, got '-1'"):
        received(event(id="-1"))
    with pytest.raises(MalformedMessage, match=r"data must be a JSON object, got list") as caught:
        received(event(data=["secret"]))

    assert "secret" not in str(caught.value)


def test_bare_payload_of_any_allowed_depth_can_be_sent_again_as_an_event() -> None:
    first = received(json.dumps(nested(MAX_JSON_DEPTH)))

    assert received(first.body()).data == first.data


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "JSON compliant"),
        (float("inf"), "JSON compliant"),
        ("\ud800", "surrogates not allowed"),
        ({"\udfff": 1}, "surrogates not allowed"),
        (nested(MAX_JSON_DEPTH), "at most 64 deep"),
        (10**5_000, "4300 digits"),
    ],
    ids=["nan", "infinity", "surrogate", "surrogate-key", "deep", "huge"],
)
def test_message_that_no_worker_would_read_is_never_written(value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Message(job_id="a", job_type="greet", data={"share": value}).body()


def test_every_reason_of_refusal_is_explained_in_the_lifecycle_page() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
    reasons = {reason for _, reason in REFUSED}

    explained = set(re.findall(r"`(\w+)`", page.read_text(encoding="utf-8")))
    assert reasons <= explained
    assert len(reasons) == 8
