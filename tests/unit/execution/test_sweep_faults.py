"""The sweeper among queues, job types and bodies that are not there, and out of time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from tests.unit.execution.bench import Bench, Done, Task
from workerless import State
from workerless.due import SHARDS
from workerless.errors import (
    QueueUnavailableError,
    RecordUnreadableError,
    StoreUnavailableError,
)
from workerless.execution.sweep import Swept
from workerless.ports import Due, Postponement, SendFailure
from workerless.record import Record
from workerless.testing.memory import InMemoryDirectory
from workerless.testing.sample import a_record

MINUTE = timedelta(minutes=1)


def echo(payload: Task) -> Done:
    return Done(text=payload.text)


def unreadable(bench: Bench, age: timedelta) -> Record:
    enqueued_at = bench.clock.now() - age
    return a_record("unreadable", job_type="task", body="", enqueued_at=enqueued_at)


def test_queue_that_does_not_answer_only_delays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_address: str) -> int:
        raise QueueUnavailableError("no")

    bench.client.enqueue(bench.job_type, Task())
    (record,) = bench.queue.deliver(bench.address.queue)
    bench.queue.acknowledge(bench.address.queue, record["receiptHandle"])
    bench.clock.advance(2 * MINUTE)
    monkeypatch.setattr(bench.queue, "waiting", down)

    assert bench.sweep().sent == 0
    monkeypatch.undo()
    bench.handle(echo)
    bench.drain()

    assert bench.events()[-1] == "job.completed"


def test_sweeper_stops_when_its_time_is_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.client.enqueue_many(
        bench.job_type, [Task(text=str(n)) for n in range(900)], delay=timedelta(hours=1)
    )
    bench.clock.advance(timedelta(minutes=59))
    postpone = bench.store.postpone_many

    def slowly(postponements: Sequence[Postponement]) -> list[bool]:
        bench.clock.advance(timedelta(seconds=1) * len(postponements))
        return postpone(postponements)

    monkeypatch.setattr(bench.store, "postpone_many", slowly)

    assert 0 < bench.sweep().sent < 900


def test_message_that_cannot_be_sent_is_tried_again_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task(), delay=timedelta(hours=1))
    bench.clock.advance(timedelta(minutes=58))
    monkeypatch.setattr(bench.queue, "send_many", lambda *_: [SendFailure(code="No", message="")])

    assert bench.sweep() == Swept(due=1, sent=0, failed=1)
    monkeypatch.undo()
    bench.drain()

    assert job.status().state is State.COMPLETED
    assert [trouble.event for trouble in bench.telemetry.troubles] == ["send_failed"]


def test_jobs_of_a_type_that_is_not_deployed_wait_until_it_is(bench: Bench) -> None:
    bench.handle(echo)
    job = bench.client.enqueue(bench.job_type, Task(), delay=timedelta(hours=1))
    bench.clock.advance(timedelta(minutes=58))
    deployed, bench.directory = bench.directory, InMemoryDirectory()

    assert bench.sweep() == Swept(due=1, sent=0, failed=1)
    bench.directory = deployed
    bench.drain()

    assert job.status().state is State.COMPLETED
    assert bench.telemetry.troubles[0].event == "job_type_unknown"


@pytest.mark.parametrize(
    ("age", "state", "reason"),
    [(timedelta(days=3), State.PENDING, None), (timedelta(days=4), State.FAILED, "body_missing")],
    ids=["its message may be on its way", "no message can be left"],
)
def test_job_whose_body_cannot_be_read_is_told_in_the_end_fails_and_harms_no_other(
    bench: Bench, age: timedelta, state: State, reason: str | None
) -> None:
    bench.handle(echo)
    bench.store.put_many([unreadable(bench, age)])
    job = bench.client.enqueue(bench.job_type, Task(), delay=timedelta(minutes=16))
    bench.clock.advance(timedelta(minutes=14))

    swept = bench.sweep()

    assert (swept.sent, swept.failed) == (1, 1)
    assert [trouble.event for trouble in bench.telemetry.troubles] == ["body_unreadable"]
    gone = bench.client.job("unreadable").status()
    assert (gone.state, gone.failed_reason) == (state, reason)
    bench.clock.advance(timedelta(minutes=2))
    bench.deliver()
    assert job.status().state is State.COMPLETED


def test_job_whose_end_cannot_be_written_fails_at_the_next_look(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object, **__: object) -> Record:
        raise StoreUnavailableError("no answer")

    bench.store.put_many([unreadable(bench, timedelta(days=30))])
    bench.clock.advance(timedelta(minutes=2))
    monkeypatch.setattr(bench.store, "give_up", silent)
    bench.sweep()
    monkeypatch.undo()
    assert bench.record("unreadable").state is State.PENDING

    bench.clock.advance(timedelta(hours=1))
    bench.sweep()

    assert bench.record("unreadable").reason == "body_missing"


def test_index_that_is_behind_ends_the_sweep(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on showing a job that has ended: nothing moves, so there is nothing to wait for."""
    job = bench.client.enqueue(bench.job_type, Task(), delay=timedelta(minutes=16))
    bench.clock.advance(timedelta(minutes=14))
    now = bench.clock.now()
    shown = [due for shard in range(SHARDS) for due in bench.store.due(shard, before=now, limit=9)]
    job.cancel()
    monkeypatch.setattr(bench.store, "due", lambda *_, **__: shown)

    assert bench.sweep() == Swept()


def test_job_that_cannot_be_put_off_costs_no_other_its_turn(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those put off before it would wait twice as long, and longer with each such run."""
    bench.client.enqueue_many(
        bench.job_type, [Task(text=str(n)) for n in range(40)], delay=timedelta(hours=1)
    )
    bench.clock.advance(timedelta(minutes=59))
    postpone, calls = bench.store.postpone_many, iter(range(1000))

    def unreliably(postponements: Sequence[Postponement]) -> list[bool]:
        """Some are put off before a call ends without an answer."""
        answers = []
        for one in postponements:
            if next(calls) % 3 == 2:
                raise StoreUnavailableError("no answer")
            answers += postpone([one])
        return answers

    monkeypatch.setattr(bench.store, "postpone_many", unreliably)

    first = bench.sweep()
    monkeypatch.undo()
    second = bench.sweep()

    assert first.sent == first.due > 20
    assert first.sent + second.sent == 40
    assert {trouble.event for trouble in bench.telemetry.troubles} == {"store_unavailable"}


def test_shard_that_cannot_be_read_holds_up_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.client.enqueue_many(
        bench.job_type, [Task(text=str(n)) for n in range(40)], delay=timedelta(hours=1)
    )
    bench.clock.advance(timedelta(minutes=59))
    due = bench.store.due

    def unreadable(shard: int, *, before: datetime, limit: int) -> Sequence[Due]:
        if shard == 0:
            raise StoreUnavailableError("no answer")
        return due(shard, before=before, limit=limit)

    monkeypatch.setattr(bench.store, "due", unreadable)

    first = bench.sweep()
    monkeypatch.undo()

    assert first.sent > 20
    assert first.sent + bench.sweep().sent == 40
    assert [trouble.event for trouble in bench.telemetry.troubles] == ["store_unavailable"]


def test_store_that_is_down_ends_the_sweep_of_a_shard_after_three_calls(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.client.enqueue_many(
        bench.job_type, [Task(text=str(n)) for n in range(40)], delay=timedelta(hours=1)
    )
    bench.clock.advance(timedelta(minutes=59))
    asked = []

    def down(postponements: Sequence[Postponement]) -> list[bool]:
        asked.append(postponements)
        raise StoreUnavailableError("no answer")

    monkeypatch.setattr(bench.store, "postpone_many", down)

    assert bench.sweep() == Swept()
    assert len(asked) <= 3 * SHARDS  # all of a page at once, then two of them alone


def test_records_that_cannot_be_read_hold_up_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = bench.client.enqueue_many(
        bench.job_type, [Task(text=str(n)) for n in range(1_600)], delay=timedelta(hours=1)
    )
    unreadable = {job.id for job in jobs[:1_200]}
    bench.clock.advance(timedelta(minutes=58))
    read = bench.store.get_many

    def of_this_version(job_ids: Sequence[str]) -> list[Record | None]:
        if unreadable & set(job_ids):
            raise RecordUnreadableError("state 'paused'")
        return read(job_ids)

    with monkeypatch.context() as patch:
        patch.setattr(bench.store, "get_many", of_this_version)
        first, second = bench.sweep(), bench.sweep()

    assert (first, second) == (Swept(due=1_600, sent=400), Swept())
    bench.clock.advance(timedelta(hours=1))
    assert bench.sweep().sent == 1_200


def test_record_without_an_answer_is_left_to_the_next_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = bench.client.enqueue_many(
        bench.job_type, [Task(text=str(n)) for n in range(40)], delay=timedelta(hours=1)
    )
    bench.clock.advance(timedelta(minutes=58))
    read = bench.store.get_many

    def throttled(job_ids: Sequence[str]) -> list[Record | None]:
        if jobs[3].id in job_ids:
            raise StoreUnavailableError("no answer")
        return read(job_ids)

    with monkeypatch.context() as patch:
        patch.setattr(bench.store, "get_many", throttled)
        assert bench.sweep().sent == 39

    assert bench.sweep().sent == 1
