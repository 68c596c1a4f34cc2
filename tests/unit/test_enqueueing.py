"""enqueueing: a payload and options become a record and its message, or are refused by name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workerless.backoff import Exponential
from workerless.enqueueing import Entry, Options, entry, foreign_message
from workerless.errors import EnqueueRefusedError
from workerless.flow.unique import Unique
from workerless.job_type import JobType
from workerless.limits import MAX_JSON_DEPTH
from workerless.message import Message, read
from workerless.payload import Payload, digest
from workerless.ports import Outgoing
from workerless.states import State
from workerless.tracking import Tracking

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WORLD: dict[str, Any] = {"now": NOW, "new_id": lambda: "new-1", "bucket": lambda: "files"}


class Note(Payload):
    """A note."""

    text: str = ""
    more: Any = None


class Other(Payload):
    """Something else."""

    text: str = ""


note = JobType(name="note", payload=Note, version=3, retry=Exponential(attempts=5))


def made(payload: Payload | None = None, **options: Any) -> Entry:
    return entry(note, payload or Note(), Options(**options), **WORLD)


def outgoing(one: Entry) -> Outgoing:
    assert one.outgoing is not None
    return one.outgoing


def message(one: Entry) -> Message:
    return read(outgoing(one).body, job_type="note", message_id="sqs-1")


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def test_job_without_options_is_pending_under_a_new_id() -> None:
    record = made(Note(text="hello")).record

    assert (record.job_id, record.job_type, record.state) == ("new-1", "note", State.PENDING)
    assert (record.attempt, record.max_attempts, record.generation) == (0, 5, 1)
    assert record.enqueued_at == record.updated_at == record.run_at == NOW
    assert record.digest == digest({"text": "hello", "more": None})
    assert record.correlation_id == "new-1"
    assert record.expires_at is None


def test_message_and_record_tell_of_the_same_job() -> None:
    one = made(
        Note(text="hello"),
        job_id="order:1",
        tenant="acme",
        correlation_id="request 7",
        parent_id="order:0",
        traceparent="00-1-2-01",
    )

    assert outgoing(one).body == one.record.body
    assert message(one) == Message(
        job_id="order:1",
        job_type="note",
        data={"text": "hello", "more": None},
        version=3,
        generation=1,
        tenant="acme",
        correlation_id="request 7",
        parent_id="order:0",
        traceparent="00-1-2-01",
    )
    assert (one.record.tenant, outgoing(one).group) == ("acme", "acme")
    assert (one.record.correlation_id, one.record.parent_id) == ("request 7", "order:0")


def test_delayed_job_is_scheduled_and_its_message_delayed() -> None:
    one = made(delay=SECOND * 90)

    assert (one.record.state, one.record.run_at) == (State.SCHEDULED, NOW + SECOND * 90)
    assert outgoing(one).delay == SECOND * 90


@pytest.mark.parametrize(
    "options",
    [
        {"delay": timedelta(0)},
        {"delay": SECOND * 900},
        {"attempts": 1},
        {"attempts": 5},
        {"job_id": "a"},
        {"job_id": "x" * 128},
        {"job_id": "0.A_b:c-d"},
        {"tenant": "!~" * 64},
        {"correlation_id": "größe " * 42},
        {"idempotency_key": "any text\n\ud800"},
    ],
)
def test_option_at_its_bounds_is_accepted(options: dict[str, Any]) -> None:
    assert made(**options).record.job_type == "note"


def test_long_delayed_job_is_parked_without_a_message() -> None:
    one = made(delay=timedelta(minutes=15, microseconds=1))

    assert (one.record.state, one.outgoing) == (State.SCHEDULED, None)


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("delay", -SECOND, "between 0 s and 3650 days"),
        ("delay", timedelta(days=3651), "between 0 s and 3650 days"),
        ("attempts", 0, "between 1 and the job type's own 5, got 0"),
        ("attempts", 6, "between 1 and the job type's own 5, got 6"),
        ("job_id", "", "1 to 128 letters, digits .* got ''"),
        ("job_id", "-a", "1 to 128 letters, digits .* got '-a'"),
        ("job_id", "a b", "1 to 128 letters"),
        ("job_id", "a#b", "1 to 128 letters"),
        ("job_id", "a\n", "1 to 128 letters"),
        ("job_id", "é", "1 to 128 letters"),
        ("job_id", "x" * 129, "1 to 128 letters"),
        ("idempotency_key", "", "not empty, got ''"),
        ("tenant", "", "1 to 128 ASCII letters.* got ''"),
        ("tenant", "a b", "1 to 128 ASCII letters"),
        ("tenant", "größe", "1 to 128 ASCII letters"),
        ("tenant", "x" * 129, "1 to 128 ASCII letters"),
        ("correlation_id", "", "1 to 256 printable characters, got ''"),
        ("correlation_id", "x" * 257, "1 to 256 printable characters"),
        ("correlation_id", "\ud800", "1 to 256 printable characters"),
        ("parent_id", "a\nb", "1 to 256 printable characters"),
        ("traceparent", "\x00", "1 to 256 printable characters"),
    ],
)
def test_option_out_of_bounds_is_refused_naming_it(field: str, value: Any, allowed: str) -> None:
    with pytest.raises(EnqueueRefusedError, match=f"^{field} must be {allowed}"):
        made(**{field: value})


def test_job_id_and_idempotency_key_exclude_each_other() -> None:
    with pytest.raises(EnqueueRefusedError, match="job_id or an idempotency_key, not both"):
        made(job_id="a", idempotency_key="b")


def test_same_idempotency_key_gives_the_same_id_within_a_job_type_only() -> None:
    other = JobType(name="other", payload=Other)
    options = Options(idempotency_key="order 1")

    first, second = made(idempotency_key="order 1"), made(idempotency_key="order 1")
    elsewhere = entry(other, Other(), options, **WORLD)

    assert first.record.job_id == second.record.job_id
    assert first.record.job_id != made(idempotency_key="order 2").record.job_id
    assert first.record.job_id != elsewhere.record.job_id


@pytest.mark.parametrize(
    "payload",
    [
        Note(more=float("nan")),
        Note(more=float("inf")),
        Note(text="\ud800"),
        Note(more=object()),
        Note(more=b"\xff"),
        Note(more=10**5_000),
        Note(more=nested(MAX_JSON_DEPTH)),
        Note(more=nested(5_000)),
    ],
    ids=["nan", "infinity", "surrogate", "object", "bytes", "huge", "deep", "deeper"],
)
def test_payload_that_no_worker_could_read_is_refused(payload: Note) -> None:
    with pytest.raises(EnqueueRefusedError, match="the payload must be JSON: "):
        made(payload)


def test_payload_as_deep_as_allowed_is_read_by_the_worker() -> None:
    deepest = nested(MAX_JSON_DEPTH - 1)

    assert message(made(Note(more=deepest))).data["more"] == deepest


def test_control_characters_travel() -> None:
    assert message(made(Note(text="\x00\x1b\x7f\ufffe"))).data["text"] == "\x00\x1b\x7f\ufffe"


def test_job_is_the_same_by_payload_and_type_whatever_its_options() -> None:
    first = made(Note(text="a"), job_id="a", tenant="x", delay=SECOND)

    assert made(Note(text="a"), job_id="a").is_same_job(first.record)
    assert not made(Note(text="b"), job_id="a").is_same_job(first.record)


def test_same_data_of_another_type_is_another_job() -> None:
    one = JobType(name="one", payload=Other)
    two = JobType(name="two", payload=Other)
    first, second = (
        entry(job_type, Other(), Options(job_id="a"), **WORLD) for job_type in (one, two)
    )

    assert not first.is_same_job(second.record)


def test_foreign_message_has_no_record_and_so_no_generation() -> None:
    sent, outgoing, _ = foreign_message(
        "note", {"text": "hi"}, Options(tenant="acme", delay=SECOND), **WORLD
    )

    arrived = read(outgoing.body, job_type="note", message_id="sqs-1")
    assert (arrived.job_id, arrived.generation, arrived.data) == ("new-1", None, {"text": "hi"})
    assert (outgoing.group, outgoing.delay, sent.job_id) == ("acme", SECOND, "new-1")


def test_place_in_a_batch_is_in_record_and_message() -> None:
    place = "import-7/root/pay"

    made_ = made(member_of=place)

    assert made_.record.member_of == place
    assert read(made_.record.body, job_type="note", message_id="m").member_of == place


@pytest.mark.parametrize(
    ("job_type", "why"),
    [
        (JobType(name="quick", payload=Note, tracking=Tracking.LEAN), "needs tracking full, got"),
        (JobType(name="quick", payload=Note, tracking=Tracking.OFF), "needs tracking full, got"),
        (JobType(name="alone", payload=Note, unique=Unique()), "they are unique"),
    ],
)
def test_jobs_whose_end_nobody_would_tell_are_no_members(
    job_type: JobType[Note, None], why: str
) -> None:
    with pytest.raises(EnqueueRefusedError, match=why) as caught:
        entry(job_type, Note(), Options(member_of="import-7/root/pay"), **WORLD)

    assert caught.value.field == "member_of"
