"""claim_check: what is too big for a message goes into a file, and the message says where."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from workerless.claim_check import PayloadFile
from workerless.data_ref import DataRef
from workerless.enqueueing import Entry, Options, entry, foreign_message
from workerless.errors import EnqueueRefusedError, WorkerlessError
from workerless.job_type import JobType
from workerless.limits import INLINE_PAYLOAD_BYTES, MAX_BODY_BYTES, MAX_PAYLOAD_BYTES
from workerless.message import Message, read
from workerless.payload import Payload
from workerless.ports import Outgoing

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
WORLD: dict[str, Any] = {"now": NOW, "new_id": lambda: "new-1", "bucket": lambda: "files"}
EMPTY = len('{"text":""}')


class Note(Payload):
    """A note."""

    text: str = ""


note = JobType(name="note", payload=Note)


def made(payload: Note, **options: Any) -> Entry:
    return entry(note, payload, Options(**options), **WORLD)


def outgoing(one: Entry) -> Outgoing:
    assert one.outgoing is not None
    return one.outgoing


def message(one: Entry) -> Message:
    return read(outgoing(one).body, job_type="note", message_id="sqs-1", bucket="files")


@pytest.mark.parametrize("more", [0, 1])
def test_payload_travels_in_the_message_up_to_its_limit_and_in_a_file_above(more: int) -> None:
    one = made(Note(text="x" * (INLINE_PAYLOAD_BYTES - EMPTY + more)), job_id="a")

    data = '{"text":"' + "x" * (INLINE_PAYLOAD_BYTES - EMPTY + more) + '"}'
    assert len(outgoing(one).body) <= MAX_BODY_BYTES
    assert one.record.digest == sha256(data.encode()).hexdigest()
    if more:
        key = f"payloads/note/a/{one.record.digest}.json"
        assert one.file == PayloadFile(
            key=key, data=data.encode(), keep=timedelta(days=30) + note.failed_retention
        )
        assert message(one).ref == DataRef(bucket="files", key=key, digest=one.record.digest)
        assert message(one).data == {}
        assert len(outgoing(one).body) < 1_000
    else:
        assert one.file is None
        assert message(one).data["text"] == "x" * (INLINE_PAYLOAD_BYTES - EMPTY)


def test_payload_is_refused_one_byte_above_the_limit_and_not_at_it() -> None:
    room = MAX_PAYLOAD_BYTES - EMPTY

    assert made(Note(text="x" * room)).file is not None
    with pytest.raises(EnqueueRefusedError, match=r"at most 10485760 bytes .*got 10485761"):
        made(Note(text="x" * (room + 1)))


def test_big_payload_of_a_delayed_job_is_kept_until_well_after_it_runs() -> None:
    delayed = made(Note(text="x" * INLINE_PAYLOAD_BYTES), delay=timedelta(days=100))

    assert delayed.file is not None
    assert delayed.file.keep == timedelta(days=130) + note.failed_retention


def test_foreign_message_with_a_big_payload_has_a_file_too() -> None:
    data = {"text": "é" * INLINE_PAYLOAD_BYTES}

    sent, outgoing, file = foreign_message("note", data, Options(), **WORLD)

    assert file is not None
    assert sent.ref is not None
    assert sent.ref.is_of(file.data)
    assert len(outgoing.body) < 1_000


def test_bucket_is_asked_for_only_when_there_is_a_file() -> None:
    def fail() -> str:
        raise WorkerlessError("not deployed")

    entry(note, Note(), Options(job_id="a"), now=NOW, new_id=str, bucket=fail)
    with pytest.raises(WorkerlessError, match="not deployed"):
        entry(
            note,
            Note(text="x" * INLINE_PAYLOAD_BYTES),
            Options(job_id="a"),
            now=NOW,
            new_id=str,
            bucket=fail,
        )
