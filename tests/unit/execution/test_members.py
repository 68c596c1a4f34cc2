"""Jobs of batches and workflows: their containers know of every end, whoever ends them."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.unit.execution.bench import Bench, Done, Task
from tests.unit.execution.flows import ORDER, batch_of, enqueued, looks, marks, opened
from tests.unit.execution.test_faults import Wrapped, down
from workerless import Discard, Fail, State
from workerless.membership import read_membership
from workerless.ports import SendFailure
from workerless.redrive import Dismissal, Redrive
from workerless.resend import resent
from workerless.testing.memory import InMemoryStore
from workerless.testing.sample import an_error
from workerless.testing.workflow.containers import InMemoryContainers
from workerless.workflow.definition import Kind
from workerless.workflow.mark import SlotState
from workerless.workflow_ports import Marked, Told

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def echo(payload: Task) -> Done:
    if payload.text == "fail":
        raise Fail("as told")
    if payload.text == "discard":
        raise Discard("as told")
    return Done(text=payload.text)


def test_every_end_is_marked_and_the_last_one_sends_an_order(bench: Bench) -> None:
    batch_of(bench, 3, ["", "discard", ""])
    bench.handle(echo)

    bench.deliver(2)
    assert (sorted(marks(bench)), bench.orders()) == (["0", "1"], [])
    bench.deliver()

    assert marks(bench) == {
        "0": SlotState.COMPLETED,
        "1": SlotState.DISCARDED,
        "2": SlotState.COMPLETED,
    }
    assert bench.orders() == [ORDER]


def test_ends_of_one_invocation_are_marked_in_one_call(bench: Bench) -> None:
    batch_of(bench, 5)
    bench.handle(echo)
    calls: list[int] = []

    def mark_many(told: Sequence[Told]) -> list[Marked]:
        calls.append(len(told))
        return containers.mark_many(told)

    containers = bench.containers
    bench.containers = Wrapped(containers, mark_many=mark_many)
    bench.deliver()

    assert calls == [5]
    assert bench.orders() == [ORDER]


def test_end_is_marked_while_a_neighbour_still_runs(bench: Bench) -> None:
    opened(bench, Kind.WORKFLOW)
    enqueued(bench, ["flow-1/root/1:a", "flow-1/root/1:b"])
    seen: list[int] = []

    def takes_long(task: Task) -> Done:
        bench.clock.advance(SECOND)
        seen.append(len(bench.orders()))
        return echo(task)

    bench.handle(takes_long)
    bench.deliver()

    assert seen == [0, 1]
    assert len(marks(bench)) == 2


def test_first_failure_sends_an_order(bench: Bench) -> None:
    batch_of(bench, 3, ["fail", "", ""])
    bench.handle(echo)

    bench.deliver(1)

    assert bench.orders() == [ORDER]
    assert len(bench.dead_letters()) == 1


def test_each_end_in_a_workflow_sends_an_order(bench: Bench) -> None:
    opened(bench, Kind.WORKFLOW)
    enqueued(bench, ["flow-1/root/1:a", "flow-1/root/1:b"])
    bench.handle(echo)

    bench.deliver(1)
    bench.deliver(1)

    assert bench.orders() == [ORDER] * 2
    assert marks(bench) == dict.fromkeys(["1:a", "1:b"], SlotState.COMPLETED)


def test_retry_is_no_end(bench: Bench) -> None:
    batch_of(bench, 1)
    bench.handle(lambda _task: 1 / 0)

    bench.deliver()
    assert (marks(bench), bench.orders()) == ({}, [])
    bench.drain()

    assert marks(bench) == {"0": SlotState.FAILED}


@pytest.mark.parametrize("text", ["", "fail"])
def test_mark_that_is_not_written_keeps_the_message(bench: Bench, text: str) -> None:
    (job_id,) = batch_of(bench, 1, [text])
    bench.handle(echo)
    containers = bench.containers
    bench.containers = Wrapped(containers, mark_many=down)

    assert len(bench.deliver()) == 1
    assert bench.record(job_id).state.is_terminal
    assert (marks(bench), bench.dead_letters()) == ({}, [])
    bench.clock.advance(MINUTE)
    assert len(bench.deliver()) == 1
    bench.containers = containers
    bench.clock.advance(MINUTE)
    bench.deliver()

    assert len(marks(bench)) == 1
    assert bench.orders() == [ORDER]
    assert len(bench.dead_letters()) == (text == "fail")


def test_order_that_cannot_be_sent_is_told_and_holds_nothing_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_of(bench, 1)
    bench.handle(echo)
    send_many = bench.queue.send_many
    monkeypatch.setattr(
        bench.queue,
        "send_many",
        lambda address, messages: (
            [SendFailure(code="Down", message="")]
            if address == "workflows"
            else send_many(address, messages)
        ),
    )

    assert bench.deliver() == []

    assert [one.event for one in bench.telemetry.troubles] == ["order_failed"]


def test_job_without_a_batch_marks_nothing(bench: Bench) -> None:
    bench.client.enqueue(bench.job_type, Task())
    bench.handle(echo)
    bench.containers = Wrapped(bench.containers, mark_many=down)

    assert bench.deliver() == []


def test_record_of_a_member_outlives_its_type_s_retention(bench: Bench) -> None:
    member, _ = batch_of(bench, 2, ["", "fail"])
    alone = bench.client.enqueue(bench.job_type, Task())
    bench.handle(echo)
    bench.drain()

    bench.clock.advance(timedelta(days=29))

    assert bench.store.get_many([member, alone.id])[1] is None
    assert bench.record(member).result is not None


def test_cancelled_member_is_marked_and_its_batch_looked_at(bench: Bench) -> None:
    (job_id,) = batch_of(bench, 1)

    assert bench.client.job(job_id).cancel()

    assert marks(bench) == {"0": SlotState.CANCELLED}
    assert looks(bench) == ["flow-1"]


def test_member_that_runs_when_it_is_called_off_has_not_ended(bench: Bench) -> None:
    (job_id,) = batch_of(bench, 1)
    bench.handle(lambda task: (bench.client.job(job_id).cancel(), echo(task))[1])

    bench.deliver()

    assert marks(bench) == {"0": SlotState.COMPLETED}


def test_member_that_is_given_up_is_marked(bench: Bench) -> None:
    (job_id,) = batch_of(bench, 1)
    record = bench.record(job_id)

    bench.store.give_up(
        record,
        at=bench.clock.now(),
        reason="undeliverable",
        error=an_error(),
        expires_at=bench.clock.now() + MINUTE,
    )

    assert marks(bench) == {"0": SlotState.FAILED}
    assert looks(bench) == ["flow-1"]


def test_redriven_member_is_waited_for_again_and_marked_anew(bench: Bench) -> None:
    (job_id,) = batch_of(bench, 1, ["fail"])
    bench.handle(echo)
    bench.deliver()
    store, now = bench.store, bench.clock.now()
    assert isinstance(store, InMemoryStore)

    redrive = Redrive(seen=bench.record(job_id), by="ada", at=now, run_at=now)
    store.redrive_many([redrive])

    (batch,) = bench.containers.read_many(["flow-1"])
    assert batch is not None
    assert not batch.is_done
    assert marks(bench) == {"0": SlotState.STARTED}
    assert looks(bench) == ["flow-1"]
    bench.handle(lambda _task: Done(text="mended"))
    bench.send(resent(bench.record(job_id), now).body)
    bench.deliver()
    assert marks(bench) == {"0": SlotState.COMPLETED}
    assert bench.orders() == [ORDER] * 2


def test_dismissed_member_has_failed_as_before(bench: Bench) -> None:
    (job_id,) = batch_of(bench, 1, ["fail"])
    bench.handle(echo)
    bench.deliver()
    store, now = bench.store, bench.clock.now()
    assert isinstance(store, InMemoryStore)

    seen = bench.record(job_id)
    store.dismiss_many(
        [Dismissal(seen=seen, by="ada", at=now, reason="spam", expires_at=now + MINUTE)]
    )

    assert marks(bench) == {"0": SlotState.FAILED}


def test_place_in_a_batch_travels_with_the_message(bench: Bench) -> None:
    (job_id,) = batch_of(bench, 1)
    record = bench.record(job_id)

    assert record.member_of is not None
    assert read_membership(record.member_of).container_id == "flow-1"
    assert f'"batchid":"{record.member_of}"' in resent(record, bench.clock.now()).body
    assert isinstance(bench.containers, InMemoryContainers)
    assert record.state is State.PENDING
