"""batching: whoever adds members again, in whatever company, adds none of them twice."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Task
from tests.unit.execution.flows import FLOW, flow, marks, opened, put, swept
from tests.unit.execution.test_batching import batching, echo, tasks
from tests.unit.execution.test_faults import Wrapped, down
from workerless.enqueueing import Options
from workerless.errors import StoreUnavailableError
from workerless.record import Record
from workerless.workflow.mark import SlotState

MINUTE = timedelta(minutes=1)


def test_members_that_come_again_in_other_company_are_the_same(bench: Bench) -> None:
    opened(bench)
    batching(bench).add(FLOW, TASK, tasks("a", "b"))

    puts = batching(bench).add(FLOW, TASK, tasks("b", "c", "a"))

    assert [put.created for put in puts] == [False, True, False]
    assert (flow(bench).total, len(flow(bench).pages)) == (3, 2)


def test_members_whose_maker_died_among_them_keep_their_places(bench: Bench) -> None:
    opened(bench)
    put_many = bench.store.put_many
    dying = Wrapped(bench.store, put_many=lambda records: [*put_many(records[:2]), down()][:0])
    with pytest.raises(StoreUnavailableError):
        batching(bench, dying).add(FLOW, TASK, tasks("a", "b", "c", "d"))

    batching(bench).add(FLOW, TASK, tasks("d", "a", "e"))
    batching(bench).add(FLOW, TASK, tasks("b", "c"))

    assert flow(bench).total == 5
    bench.handle(echo)
    bench.drain()
    assert flow(bench).is_done
    assert set(marks(bench).values()) == {SlotState.COMPLETED}


def test_two_who_add_the_same_at_once_in_other_company_count_the_second_as_none(
    bench: Bench,
) -> None:
    opened(bench)
    other = batching(bench)
    first: list[bool] = []

    def late(ids: Sequence[str]) -> list[Record | None]:
        found = bench.store.get_many(ids)
        if not first:
            first.append(True)
            other.add(FLOW, TASK, tasks("a", "b"))
        return found

    puts = batching(bench, Wrapped(bench.store, get_many=late)).add(FLOW, TASK, tasks("a", "c"))

    assert [put.created for put in puts] == [False, True]
    assert list(marks(bench).values()) == [SlotState.DISCARDED]
    assert flow(bench).total == 4


def test_slot_whose_job_has_another_place_in_the_batch_counts_as_none(bench: Bench) -> None:
    opened(bench)
    now = bench.clock.now()
    bench.containers.add_pages(FLOW, [["a", "b"]], at=now)  # its maker died
    ((elsewhere, _),) = bench.containers.add_pages(FLOW, [["a", "c"]], at=now)
    put(bench, "a", elsewhere)

    bench.clock.advance(MINUTE)

    assert swept(bench) == [{"container_id": FLOW, "marked": 1}]
    assert list(marks(bench).values()) == [SlotState.DISCARDED]


def test_key_names_a_job_of_one_batch(bench: Bench) -> None:
    opened(bench)
    opened(bench, container_id="flow-2")
    wanted = [(Task(text="a"), Options(idempotency_key="a"))]

    puts = [batching(bench).add(one, TASK, wanted)[0] for one in (FLOW, "flow-2", FLOW)]

    assert [put.created for put in puts] == [True, True, False]
    assert puts[0].record.job_id == puts[2].record.job_id
