"""message: laws of writing and reading, for any payload and any body at all."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from workerless.limits import MAX_JSON_DEPTH
from workerless.message import JOB_ID, TENANT, MalformedMessage, Message, read
from workerless.payload import digest
from workerless.priority import LANE
from workerless.scheduled import Scheduled
from workerless.tag import MAX_TAGS, TAG

LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
REASONS = {
    "not_json",
    "not_unicode",
    "not_an_object",
    "too_large",
    "too_deep",
    "unknown_envelope",
    "invalid_envelope",
    "wrong_queue",
}

unicode = st.text(max_size=30)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | unicode
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(unicode, inner, max_size=3),
    max_leaves=12,
)
half_characters = st.characters(categories=["Cs"])
text = unicode | st.text(st.characters(exclude_categories=()), max_size=30)
printable = st.text(min_size=1, max_size=256).filter(str.isprintable)


def wrapped(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


deep = st.builds(wrapped, scalars, st.integers(0, MAX_JSON_DEPTH - 1))
payloads = st.dictionaries(unicode, values | deep, max_size=4)
messages = st.builds(
    Message,
    job_id=st.from_regex(JOB_ID, fullmatch=True),
    job_type=st.sampled_from(["greet", "user.welcome"]),
    data=payloads,
    version=st.integers(1, 999_999),
    generation=st.none() | st.integers(1, 1_000_000),
    attempts=st.none() | st.integers(1, 100),
    time=st.none() | st.datetimes(timezones=st.just(UTC)),
    start_by=st.none() | st.datetimes(datetime(1970, 1, 2), timezones=st.just(UTC)),  # noqa: DTZ001 -- as hypothesis wants it
    source=printable,
    lane=st.none() | st.from_regex(LANE, fullmatch=True),
    tenant=st.none() | st.from_regex(TENANT, fullmatch=True),
    correlation_id=st.none() | printable,
    parent_id=st.none() | printable,
    traceparent=st.none() | printable,
    tags=st.lists(st.from_regex(TAG, fullmatch=True), max_size=MAX_TAGS, unique=True).map(tuple),
    depth=st.integers(0, 1_000_000),
    member_of=st.none()
    | st.sampled_from(["import-7/00ff00ff00ff00ff/31", "o:1.x/root/1:pay-undo"]),
    schedule=st.none()
    | st.builds(
        Scheduled,
        schedule_id=st.sampled_from(["greet-daily", "user.welcome--acme"]),
        time=st.datetimes(timezones=st.just(UTC)),
        after=st.none() | st.datetimes(timezones=st.just(UTC)),
    ),
)

# Almost events: each field right, wrong, or missing.
odd = (
    values
    | text
    | st.floats()
    | st.sampled_from(["greet", "1.0", "a", "", "urn:workerless:greet:2"])
)
almost = st.fixed_dictionaries(
    {"specversion": st.just("1.0") | odd},
    optional={
        "type": st.just("greet") | odd,
        "id": st.just("a") | odd,
        "data": payloads | odd,
        "dataschema": st.just("urn:workerless:greet:2") | odd,
        "generation": st.integers(0, 3) | odd,
        "attempts": st.integers(0, 101) | odd,
        "batchid": st.just("import-7/root/pay") | odd,
        "jobdepth": st.integers(-1, 3) | odd,
        "scheduleid": st.just("greet-daily") | odd,
        "scheduledtime": st.just("2026-01-01T09:00:00+01:00") | odd,
        **dict.fromkeys(("source", "tenant", "correlationid", "parentid", "traceparent"), odd),
        "scheduledafter": odd,
    },
)
bodies = st.one_of(
    text,
    st.binary().map(lambda raw: raw.decode("latin-1")),
    st.text('{}[]",:\\u0123456789eE+-. \nabdltrfnsN', max_size=40),
    (values | text | st.floats() | almost).map(json.dumps),
    almost.map(lambda event: json.dumps(event, ensure_ascii=False)),
    almost.map(lambda event: json.dumps(event)[:-1]),
)


@LAW
@given(messages)
def test_what_was_written_is_read_back(message: Message) -> None:
    again = read(message.body(), job_type=message.job_type, message_id="sqs-1")

    # The time is for other readers; the record knows ours.
    assert again == replace(message, time=None)


@LAW
@given(messages)
def test_body_holds_only_characters_that_sqs_takes(message: Message) -> None:
    body = message.body()

    assert all("\x20" <= character <= "\x7f" for character in body)


@LAW
@given(messages, half_characters, st.data())
def test_half_a_character_is_neither_written_nor_read(
    message: Message, half: str, data: st.DataObject
) -> None:
    wrong = {**message.data, **data.draw(st.sampled_from([{half: 1}, {"a": half}, {"a": [half]}]))}

    with pytest.raises(ValueError, match="surrogates not allowed"):
        replace(message, data=wrong).body()
    with pytest.raises(MalformedMessage) as caught:
        read(json.dumps(wrong), job_type=message.job_type, message_id="sqs-1")

    assert caught.value.reason == "not_unicode"


@LAW
@given(bodies)
def test_any_body_is_a_message_or_refused_with_a_known_reason(body: str) -> None:
    try:
        answer = digest(read(body, job_type="greet", message_id="sqs-1").data)
    except MalformedMessage as error:
        answer = error.reason

    assert answer in REASONS or len(answer) == 64


@LAW
@given(bodies)
def test_whatever_was_read_can_be_sent_again_as_the_same_job(body: str) -> None:
    try:
        message = read(body, job_type="greet", message_id="sqs-1")
    except MalformedMessage:
        return

    again = read(message.body(), job_type="greet", message_id="sqs-2")

    assert again == message


@given(text=st.text(max_size=400), times=st.integers(1, 900))
@settings(deadline=None, max_examples=60)
def test_bare_body_that_is_read_can_be_sent_again_and_read(text: str, times: int) -> None:
    body = json.dumps({"text": text * times}, ensure_ascii=False)
    try:
        message = read(body, job_type="greet", message_id="m-1")
    except MalformedMessage:
        assume(False)  # noqa: FBT003 -- hypothesis' own signature

    again = read(replace(message, generation=1).body(), job_type="greet", message_id="m-2")

    assert (again.job_id, again.data) == ("m-1", message.data)
