"""enqueueing: whatever is accepted, SQS takes and the worker reads; all else is refused by name."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from workerless.aws.entry import refusal
from workerless.enqueueing import Entry, Options, entry
from workerless.errors import EnqueueRefusedError
from workerless.job_type import JobType
from workerless.message import read
from workerless.payload import Payload, digest, read_payload
from workerless.resend import resent

LAW = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


class Anything(Payload):
    """Holds anything."""

    value: Any
    share: float = 0.5
    at: datetime = NOW


anything = JobType(name="anything", payload=Anything)
text = st.text(max_size=20) | st.text(st.characters(exclude_categories=()), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=10,
)
payloads = st.builds(
    Anything, value=values, share=st.floats(), at=st.datetimes(timezones=st.just(UTC))
)
plain = st.text("aZ09_.:-", min_size=1, max_size=130)
optional_text = st.none() | plain | text
options = st.builds(
    Options,
    job_id=optional_text,
    idempotency_key=st.none() | text,
    delay=st.timedeltas(timedelta(seconds=-1), timedelta(seconds=901)) | st.just(timedelta(0)),
    attempts=st.none() | st.integers(-1, 5),
    tenant=optional_text,
    correlation_id=optional_text,
    parent_id=optional_text,
    traceparent=optional_text,
)
good_options = st.builds(Options, job_id=st.none() | st.just("a"), tenant=st.none() | st.just("b"))


def made(payload: Anything, chosen: Options) -> Entry | None:
    """None when refused; anything else it raises fails the test."""
    try:
        return entry(anything, payload, chosen, now=NOW, new_id=lambda: "new-1", bucket=str)
    except EnqueueRefusedError:
        return None


@LAW
@given(payloads, options | good_options)
def test_what_is_accepted_is_taken_by_sqs_and_read_by_the_worker(
    payload: Anything, chosen: Options
) -> None:
    one = made(payload, chosen)
    assume(one is not None)
    assert one
    outgoing = one.outgoing or resent(one.record, one.record.run_at)  # parked: sent by the sweeper

    message = read(outgoing.body, job_type="anything", message_id="sqs-1")
    again = read_payload(Anything, message.data)

    assert refusal(outgoing) is None
    assert message.job_id == one.record.job_id
    assert digest(message.data) == one.record.digest == digest(anything.data(again))
    assert (message.tenant, message.correlation_id) == (
        one.record.tenant,
        one.record.correlation_id,
    )
    one.record.body.encode()


@LAW
@given(payloads)
def test_payload_that_json_can_say_is_never_refused(payload: Anything) -> None:
    try:
        data = payload.model_dump(mode="json")
        json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
        is_json = True
    except ValueError:
        is_json = False

    assert (made(payload, Options()) is not None) == is_json


@LAW
@given(payloads, good_options)
def test_same_payload_is_the_same_job_however_often_it_is_enqueued(
    payload: Anything, chosen: Options
) -> None:
    first, second = made(payload, chosen), made(payload.model_copy(), chosen)
    assume(first is not None)

    assert first
    assert second
    assert second.is_same_job(first.record)
