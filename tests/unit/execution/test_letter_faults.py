"""The sweeper at the dead letters when its calls fail: nothing is lost, the next run mends it."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import Bench, Done, Task
from tests.unit.execution.letters import BARE, DAY, event, its_record
from workerless import State
from workerless.errors import (
    BlobsUnavailableError,
    JobNotFoundError,
    QueueUnavailableError,
    RecordUnreadableError,
    StoreUnavailableError,
)
from workerless.execution.letter_step import Deed
from workerless.payload import digest
from workerless.ports import Outgoing, SendFailure
from workerless.testing.sample import a_claim, a_lease, a_record

REFUSED = SendFailure(code="No", message="")


class Died(BaseException):
    """The process is gone."""


@pytest.fixture
def bench() -> Bench:
    return Bench()


def echo(payload: Task) -> Done:
    return Done(text=payload.text)


def put(bench: Bench, body: str, **attributes: str) -> None:
    letter = Outgoing(body=body, attributes=attributes)
    assert bench.queue.send_many(bench.address.dead_letters, [letter]) == [None]


def troubles(bench: Bench) -> list[str]:
    return [trouble.event for trouble in bench.telemetry.troubles]


def die(*_: Any, **__: Any) -> Any:
    raise Died


def never_started(bench: Bench) -> None:
    put(bench, BARE)


def waiting_job_with_a_worn_letter(bench: Bench) -> None:
    bench.client.enqueue(bench.job_type, Task(), job_id="job")
    put(bench, bench.record("job").body, returned="3")


def failed_job_whose_message_sqs_moved(bench: Bench) -> None:
    bench.store.put_many([its_record(state=State.FAILED, reason="rejected")])
    put(bench, event())


LETTERS = [
    pytest.param(never_started, id="returned"),
    pytest.param(failed_job_whose_message_sqs_moved, id="explained"),
    pytest.param(waiting_job_with_a_worn_letter, id="undeliverable"),
]


@pytest.mark.parametrize("arrange", LETTERS)
def test_letter_whose_successor_is_not_accepted_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, arrange: Callable[[Bench], None]
) -> None:
    arrange(bench)
    before = bench.dead_letters()
    monkeypatch.setattr(bench.queue, "send_many", lambda _, sent: [REFUSED for _ in sent])

    assert bench.sweep_letters() == Counter({Deed.SEEN: 1})
    monkeypatch.undo()

    assert bench.dead_letters() == before
    assert troubles(bench) == ["letter_not_sent"]
    done = bench.sweep_letters()
    assert done.total() - done[Deed.SEEN] == 1


@pytest.mark.parametrize("arrange", LETTERS)
def test_who_dies_before_deleting_a_letter_leaves_it_beside_its_successor(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, arrange: Callable[[Bench], None]
) -> None:
    arrange(bench)
    there = len(bench.queue.messages(bench.address.queue)) + len(bench.dead_letters())
    monkeypatch.setattr(bench.queue, "delete_many", die)

    with pytest.raises(Died):
        bench.sweep_letters()
    monkeypatch.undo()

    everywhere = bench.queue.messages(bench.address.queue) + bench.dead_letters()
    assert len(everywhere) == there + 1
    bench.clock.advance(timedelta(minutes=10))
    assert bench.sweep_letters()[Deed.SEEN] >= 1


def test_letter_that_could_not_be_deleted_is_told_and_harms_nobody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.handle(echo)
    put(bench, event(data={"text": "once"}))
    monkeypatch.setattr(bench.queue, "delete_many", lambda _, receipts: [REFUSED for _ in receipts])
    bench.sweep_letters()
    monkeypatch.undo()
    bench.clock.advance(timedelta(minutes=10))

    bench.sweep_letters()
    bench.drain()

    assert troubles(bench) == ["letter_not_deleted"]
    assert bench.events().count("job.started") == 1


def test_queue_that_does_not_answer_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any, **__: Any) -> Any:
        raise QueueUnavailableError("no")

    put(bench, BARE)
    monkeypatch.setattr(bench.queue, "receive", down)

    assert bench.sweep_letters() == Counter()
    assert troubles(bench) == ["letters_unread"]


def test_letter_that_cannot_be_archived_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise BlobsUnavailableError("no")

    put(bench, BARE)
    bench.clock.advance(13 * DAY)
    monkeypatch.setattr(bench.blobs, "put", down)

    assert bench.sweep_letters() == Counter({Deed.SEEN: 1})
    monkeypatch.undo()

    assert len(bench.dead_letters()) == 1
    assert troubles(bench) == ["archive_failed"]
    assert bench.sweep_letters()[Deed.ARCHIVED] == 1


def test_who_dies_before_deleting_what_is_archived_archives_it_over_itself(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bench, BARE)
    bench.clock.advance(13 * DAY)
    monkeypatch.setattr(bench.queue, "delete_many", die)
    with pytest.raises(Died):
        bench.sweep_letters()
    monkeypatch.undo()
    bench.clock.advance(timedelta(minutes=10))

    bench.sweep_letters()

    assert len(bench.blobs.keys()) == 1
    assert bench.dead_letters() == []


def test_who_dies_between_record_and_letter_leaves_a_letter_that_is_explained(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_job_with_a_worn_letter(bench)
    monkeypatch.setattr(bench.queue, "send_many", die)
    with pytest.raises(Died):
        bench.sweep_letters()
    monkeypatch.undo()
    bench.clock.advance(timedelta(minutes=10))

    assert bench.sweep_letters()[Deed.EXPLAINED] == 1
    assert [one.attributes["reason"] for one in bench.dead_letters()] == ["undeliverable"]
    assert bench.record("job").reason == "undeliverable"


def test_job_that_was_claimed_at_the_last_moment_is_not_failed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_job_with_a_worn_letter(bench)
    bench.handle(echo)
    read = bench.store.get_many

    def read_and_be_overtaken(job_ids: Sequence[str]) -> Any:
        records = read(job_ids)
        monkeypatch.undo()
        bench.clock.advance(timedelta(seconds=1))
        bench.deliver()
        return records

    monkeypatch.setattr(bench.store, "get_many", read_and_be_overtaken)

    assert bench.sweep_letters()[Deed.UNDELIVERABLE] == 0
    assert bench.events().count("job.started") == 1
    assert len(bench.dead_letters()) >= 1


def test_job_whose_record_is_gone_at_the_last_moment_keeps_its_letter(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> Any:
        raise JobNotFoundError("no")

    waiting_job_with_a_worn_letter(bench)
    monkeypatch.setattr(bench.store, "give_up", gone)

    assert bench.sweep_letters() == Counter({Deed.SEEN: 1})
    assert len(bench.dead_letters()) == 1


def test_store_that_is_down_is_told_and_changes_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_: Sequence[str]) -> Any:
        raise StoreUnavailableError("no")

    put(bench, BARE)
    monkeypatch.setattr(bench.store, "get_many", down)

    assert bench.sweep_letters() == Counter({Deed.SEEN: 1})
    assert troubles(bench) == ["store_unavailable"]
    assert len(bench.dead_letters()) == 1


def test_job_that_could_not_be_failed_keeps_its_letter_and_harms_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any, **__: Any) -> Any:
        raise StoreUnavailableError("no")

    waiting_job_with_a_worn_letter(bench)
    put(bench, "not json")
    monkeypatch.setattr(bench.store, "give_up", down)

    assert bench.sweep_letters()[Deed.FILED] == 1
    assert set(troubles(bench)) == {"store_unavailable"}
    assert len(bench.dead_letters()) == 1


def test_letter_whose_record_cannot_be_read_stays_and_harms_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_this_version(job_ids: Sequence[str]) -> Any:
        if {"b", "c", "d"} & set(job_ids):
            raise RecordUnreadableError("state 'paused'")
        return [None for _ in job_ids]

    for job_id in "abcde":
        put(bench, event(id=job_id))
    monkeypatch.setattr(bench.store, "get_many", of_this_version)

    assert bench.sweep_letters() == Counter({Deed.SEEN: 5, Deed.RETURNED: 2})
    assert [one.body for one in bench.dead_letters()] == [event(id=one) for one in "bcd"]


def test_unreadable_job_that_a_dead_worker_began_fails_for_what_it_is(bench: Bench) -> None:
    """Sent back it would be another job: an unreadable message has no id but its own."""
    bench.send("not json")
    (message,) = bench.queue.deliver(bench.address.queue)
    bench.queue.acknowledge(bench.address.queue, message["receiptHandle"])
    put(bench, "not json")
    (letter,) = bench.queue.deliver(bench.address.dead_letters)
    record = _begun(bench, letter["messageId"])
    bench.clock.advance(timedelta(hours=1))

    assert bench.sweep_letters()[Deed.UNDELIVERABLE] == 1

    ended = bench.record(record)
    assert (ended.state, ended.reason) == (State.FAILED, "not_json")
    assert bench.dead_letters()[0].attributes["reason"] == "not_json"


def _begun(bench: Bench, job_id: str) -> str:
    """A worker claimed it and died."""
    new = a_record(job_id, job_type="task", digest=digest({}), body="not json")
    claim = a_claim(job_id, job_type="task", lease=a_lease(), new=new)
    bench.store.claim_many([claim])
    return job_id
