"""Whatever a record holds comes back from its item."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workerless.aws.item import to_item, to_record
from workerless.data_ref import DataRef
from workerless.record import AttemptError, Checkpoint, Lease, Progress, Record
from workerless.states import State

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Every character there is: control characters, and the lone surrogates UTF-8 cannot hold.
texts = st.text(st.characters(exclude_categories=[]), max_size=20)
instants = st.integers(0, 2**42).map(lambda n: EPOCH + n * timedelta(milliseconds=1))
seconds = st.integers(0, 2**32).map(lambda n: EPOCH + n * timedelta(seconds=1))
counts = st.integers(0, 1_000)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
progresses = st.builds(
    Progress,
    percent=st.floats(0, 100),
    step=st.none() | st.text(max_size=10),
    meta=st.dictionaries(st.text(max_size=5), json_values, max_size=3),
)
errors = st.builds(
    AttemptError,
    attempt=counts,
    at=instants,
    error_type=texts,
    message=texts,
    traceback=texts,
    details=st.none() | texts,
)
refs = st.builds(DataRef, bucket=texts, key=texts, digest=texts)
records = st.builds(
    Record,
    job_id=texts,
    job_type=texts,
    state=st.sampled_from(State),
    digest=texts,
    body=st.just(""),
    max_attempts=counts,
    attempt=counts,
    generation=counts,
    enqueued_at=instants,
    updated_at=instants,
    run_at=instants,
    sent_for=st.none() | instants,
    lease=st.none() | st.builds(Lease, token=texts, until=instants, alone=st.booleans()),
    first_started_at=st.none() | instants,
    started_at=st.none() | instants,
    finished_at=st.none() | instants,
    progress=st.none() | progresses,
    result=st.none() | texts | refs,
    reason=st.none() | texts,
    errors=st.lists(errors, max_size=5).map(tuple),
    steps=st.dictionaries(texts, texts, max_size=3),
    unique_key=st.none() | texts,
    start_by=st.none() | instants,
    cancel_reason=st.none() | texts,
    events=counts,
    member_of=st.none() | texts,
    checkpoint=st.none() | st.builds(Checkpoint, cursor=texts, by=texts, at=instants),
    continuations=counts,
    stalled_at=st.none() | instants,
    heartbeat_at=st.none() | instants,
    waits=st.none() | st.dictionaries(texts, texts, max_size=3),
    tenant=st.none() | texts,
    lane=st.none() | texts,
    correlation_id=st.none() | texts,
    parent_id=st.none() | texts,
    tags=st.lists(st.from_regex(r"[a-z0-9:=.-]{1,8}", fullmatch=True), max_size=5).map(tuple),
    search_keys=st.dictionaries(
        st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.from_regex("[0-9a-f]{4}", fullmatch=True)
    ),
    expires_at=st.none() | seconds,
)


def _escaped[T: Record | Lease | AttemptError | DataRef](value: T) -> T:
    """The same with every text of its own as UTF-8 can hold it."""
    own = {field.name: getattr(value, field.name) for field in fields(value)}
    escaped: dict[str, Any] = {
        name: text.encode(errors="backslashreplace").decode()
        for name, text in own.items()
        if isinstance(text, str) and not isinstance(text, State)
    }
    return replace(value, **escaped)


@given(record=records)
def test_record_comes_back_from_its_item(record: Record) -> None:
    back = to_record(to_item(record))

    assert back == replace(
        _escaped(record),
        lease=_escaped(record.lease) if record.lease else None,
        errors=tuple(_escaped(error) for error in record.errors),
        result=_escaped(record).result
        if not isinstance(record.result, DataRef)
        else _escaped(record.result),
    )


@given(record=records)
def test_item_comes_back_from_its_record(record: Record) -> None:
    item = to_item(record)

    assert to_item(to_record(item)) == item


@given(record=records)
def test_every_text_is_valid_utf8(record: Record) -> None:
    for value in to_item(record).values():
        value.get("S", "").encode()
