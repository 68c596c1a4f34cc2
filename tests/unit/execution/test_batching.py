"""batching: jobs become members of a batch, all of them or told otherwise, however it goes."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any, cast

import pytest

from tests.unit.execution.bench import ORDERS, TASK, Bench, Done, Task
from tests.unit.execution.flows import FLOW, ORDER, flow, looks, marks, opened, put, swept
from tests.unit.execution.test_faults import Wrapped, down
from workerless import JobType
from workerless.batching import Batching
from workerless.enqueueing import Options
from workerless.errors import (
    BatchClosedError,
    EnqueueFailedError,
    EnqueueInterruptedError,
    EnqueueRefusedError,
    JobConflictError,
    QueueFullError,
    StoreUnavailableError,
)
from workerless.execution.workflow_sweep import PAGE_PATIENCE
from workerless.flow.guard import MaxWaiting
from workerless.frozen import replace
from workerless.orders import Orders
from workerless.outbox import Outbox
from workerless.ports import Put, SendFailure, Store
from workerless.record import Record
from workerless.tracking import Tracking
from workerless.workflow.mark import SlotState
from workerless.workflow.page import page_id
from workerless.workflow_writes import PageStore

MINUTE = timedelta(minutes=1)


def batching(bench: Bench, store: Store | None = None, **ports: Any) -> Batching:
    ids = count(1)
    outbox = Outbox(
        store=store or bench.store,
        unique=bench.unique,
        queue=bench.queue,
        directory=bench.directory,
        blobs=bench.blobs,
        clock=bench.clock,
    )
    made = Batching(
        containers=bench.containers,
        outbox=outbox,
        orders=Orders(queue=bench.queue, address=ORDERS),
        clock=bench.clock,
        new_id=lambda: f"new-{next(ids)}",
        store=store or bench.store,
        blobs=bench.blobs,
    )
    return replace(made, **ports)


def tasks(*ids: str) -> Sequence[tuple[Task, Options]]:
    return [(Task(text=one), Options(job_id=one)) for one in ids]


def echo(task: Task) -> Done:
    return Done(text=task.text)


def test_added_jobs_are_members_and_run(bench: Bench) -> None:
    opened(bench, held_until=bench.clock.now() + MINUTE)
    batch = batching(bench)

    puts = batch.add(FLOW, TASK, [(Task(text=str(one)), Options()) for one in range(40)])
    batch.let_go(FLOW)

    assert [put.created for put in puts] == [True] * 40
    assert (flow(bench).total, len(flow(bench).pages)) == (40, 2)
    assert bench.orders() == []
    bench.handle(echo)
    bench.drain()
    assert bench.orders() == [ORDER]
    assert flow(bench).is_done


def test_members_may_add_to_their_own_batch(bench: Bench) -> None:
    opened(bench)
    batch = batching(bench)

    def perform(task: Task) -> Done:
        if task.text == "parent":
            batch.add(FLOW, TASK, tasks("child"))
        return echo(task)

    bench.handle(perform)
    batch.add(FLOW, TASK, tasks("parent"))
    bench.deliver()
    assert bench.orders() == []
    bench.deliver()

    assert bench.orders() == [ORDER]
    assert flow(bench).total == 2


def test_adding_the_same_jobs_again_adds_none(bench: Bench) -> None:
    opened(bench)
    batch = batching(bench)
    batch.add(FLOW, TASK, tasks("a", "b"))

    puts = batch.add(FLOW, TASK, tasks("a", "b"))

    assert [put.created for put in puts] == [False, False]
    assert flow(bench).total == 2


def test_adding_goes_on_where_it_was_interrupted(bench: Bench) -> None:
    opened(bench)
    with pytest.raises(StoreUnavailableError):
        batching(bench, Wrapped(bench.store, put_many=down)).add(FLOW, TASK, tasks("a"))
    assert flow(bench).total == 1

    (made,) = batching(bench).add(FLOW, TASK, tasks("a"))

    assert made.created
    assert flow(bench).total == 1


def test_empty_batch_is_ordered_to_be_looked_at_once_it_is_let_go(bench: Bench) -> None:
    opened(bench, held_until=bench.clock.now() + MINUTE)

    assert batching(bench).add(FLOW, TASK, []) == []
    batching(bench).let_go(FLOW)

    assert bench.orders() == [ORDER]


def test_order_that_cannot_be_sent_is_left_to_the_sweeper(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(bench, held_until=bench.clock.now() + MINUTE)
    refused = [SendFailure(code="Down", message="")]
    monkeypatch.setattr(bench.queue, "send_many", lambda *_: refused)

    batching(bench).let_go(FLOW)

    assert looks(bench) == [FLOW]


def test_ended_batch_takes_nobody_and_nothing_runs(bench: Bench) -> None:
    opened(bench)
    bench.containers.save(replace(flow(bench), state="completed", is_open=False))

    with pytest.raises(BatchClosedError):
        batching(bench).add(FLOW, TASK, tasks("a"))

    assert bench.store.get_many(["a"]) == [None]
    assert bench.queue.messages(bench.address.queue) == []


def test_job_type_without_records_has_no_members(bench: Bench) -> None:
    opened(bench)
    quick = JobType(name="task", payload=Task, result=Done, tracking=Tracking.LEAN)

    with pytest.raises(EnqueueRefusedError, match="tracking full"):
        batching(bench).add(FLOW, quick, tasks("a"))

    assert flow(bench).total == 0


def test_same_id_twice_is_refused(bench: Bench) -> None:
    opened(bench)

    with pytest.raises(EnqueueRefusedError, match="another for each member of a batch, got 'a'"):
        batching(bench).add(FLOW, TASK, tasks("a", "b", "a"))

    assert flow(bench).total == 0


def test_full_queue_makes_nobody_a_member(bench: Bench) -> None:
    opened(bench)
    full = JobType(name="task", payload=Task, result=Done, max_waiting=MaxWaiting(limit=1))

    with pytest.raises(QueueFullError):
        batching(bench).add(FLOW, full, tasks("a", "b"))

    assert flow(bench).total == 0


@pytest.mark.parametrize("text", ["a", "another payload"])
def test_id_of_a_job_outside_the_batch_is_a_failed_member(bench: Bench, text: str) -> None:
    opened(bench)
    put(bench, "a", None, text)

    with pytest.raises(JobConflictError) as caught:
        batching(bench).add(FLOW, TASK, tasks("a", "b"))

    assert caught.value.job_ids == ["a"]
    assert marks(bench) == {"0": SlotState.FAILED}
    assert bench.orders() == [ORDER]
    bench.handle(echo)
    bench.drain()
    assert marks(bench) == {"0": SlotState.FAILED, "1": SlotState.COMPLETED}


def test_conflict_among_messages_that_were_not_sent_is_a_failed_member_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(bench)
    put(bench, "a", None, "another payload")
    send_many = bench.queue.send_many

    def refuse_jobs(address: str, messages: Sequence[Any]) -> Sequence[SendFailure | None]:
        if address == ORDERS:
            return send_many(address, messages)
        return [SendFailure(code="Down", message="") for _ in messages]

    monkeypatch.setattr(bench.queue, "send_many", refuse_jobs)

    with pytest.raises(EnqueueFailedError) as caught:
        batching(bench).add(FLOW, TASK, tasks("a", "b"))

    assert caught.value.conflicts == ["a"]
    assert marks(bench) == {"0": SlotState.FAILED}


def test_conflict_before_the_store_fell_silent_is_a_failed_member_too(bench: Bench) -> None:
    opened(bench)
    put(bench, "a", None, "another payload")
    calls: list[int] = []

    def put_many(records: Sequence[Record]) -> list[Put]:
        calls.append(len(records))
        return store.put_many(records) if len(calls) == 1 else down()

    store = bench.store
    silent = batching(bench, Wrapped(store, put_many=put_many))

    with pytest.raises(EnqueueInterruptedError) as caught:
        silent.add(FLOW, TASK, tasks("a", *(f"b-{number}" for number in range(400))))

    assert caught.value.taken == [0]
    assert marks(bench) == {"0": SlotState.FAILED}
    assert bench.orders() == [ORDER]


def test_members_whose_page_was_given_up_get_another(bench: Bench) -> None:
    """Between the root and the page its maker slept, and the sweeper took it for dead."""
    opened(bench)
    announced = cast("PageStore", bench.containers)
    announced.open_pages(FLOW, {page_id(["a"], 0): 1}, at=bench.clock.now())
    bench.clock.advance(2 * PAGE_PATIENCE)
    assert swept(bench) == [{"container_id": FLOW, "voided": 1}]
    assert flow(bench).total == 0

    batching(bench).add(FLOW, TASK, tasks("a"))
    batching(bench).add(FLOW, TASK, tasks("a"))

    assert flow(bench).total == 1
    record = bench.record("a")
    assert record.member_of == f"{FLOW}/{page_id(['a'], 1)}/0"
    assert f'"batchid":"{record.member_of}"' in record.body
    bench.handle(echo)
    bench.drain()
    assert flow(bench).is_done
