"""The sweeper's look at batches and workflows: whatever got lost goes on, and is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import cast

import pytest

from tests.unit.execution.bench import Bench, Done
from tests.unit.execution.flows import (
    FLOW,
    ORDER,
    batch_of,
    enqueued,
    flow,
    looks,
    marks,
    opened,
    ordered,
    put,
    swept,
)
from tests.unit.execution.test_faults import Wrapped, down
from workerless.errors import RecordUnreadableError
from workerless.execution.workflow_sweep import (
    MEMBER_PATIENCE,
    PAGE_PATIENCE,
    PAGES_A_LOOK,
    look_again_at,
)
from workerless.frozen import replace
from workerless.membership import Membership
from workerless.workflow.definition import Kind
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow.page import page_id
from workerless.workflow_writes import PageStore

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def deaf(make_bench: Callable[..., Bench]) -> Bench:
    """Its workers write ends, and die before they mark any."""
    bench = make_bench()
    bench.handle(lambda task: Done(text=task.text))
    return bench


def die_before_marking(bench: Bench) -> None:
    containers = bench.containers
    bench.containers = Wrapped(containers, mark_many=down)
    bench.deliver()
    bench.containers = containers


def test_container_is_looked_at_after_an_eighth_of_its_age(bench: Bench) -> None:
    opened(bench)
    now, container = bench.clock.now(), flow(bench)

    for age, wait in ((0, 1), (8, 1), (16, 2), (80, 10), (120, 15), (10_000, 15)):
        at = now + age * MINUTE
        assert look_again_at(container, at) - at == wait * MINUTE


def test_nothing_is_repaired_where_nothing_is_amiss(bench: Bench) -> None:
    batch_of(bench, 2)

    assert swept(bench) == []
    assert bench.orders() == []
    bench.clock.advance(MINUTE)
    assert swept(bench) == []

    assert bench.orders() == [ORDER]
    assert looks(bench) == []


def test_end_that_nobody_marked_is_found(deaf: Bench) -> None:
    batch_of(deaf, 2)
    die_before_marking(deaf)
    assert marks(deaf) == {}

    deaf.clock.advance(MINUTE)

    assert swept(deaf) == [{"container_id": FLOW, "marked": 2}]
    assert marks(deaf) == dict.fromkeys(["0", "1"], SlotState.COMPLETED)
    assert flow(deaf).is_done
    assert deaf.orders() == [ORDER]


def test_end_of_a_step_that_nobody_marked_is_found(deaf: Bench) -> None:
    opened(deaf, Kind.WORKFLOW)
    now = deaf.clock.now()
    deaf.containers.save(flow(deaf), {"1:pay": Mark(generation=1, state=SlotState.STARTED, at=now)})
    put(deaf, f"{FLOW}.1:pay", f"{FLOW}/root/1:pay")
    die_before_marking(deaf)

    deaf.clock.advance(2 * MINUTE)

    assert swept(deaf) == [{"container_id": FLOW, "marked": 1}]
    assert marks(deaf) == {"1:pay": SlotState.COMPLETED}
    assert deaf.orders() == [ORDER]


def test_step_that_was_never_made_is_told_as_lost(bench: Bench) -> None:
    opened(bench, Kind.WORKFLOW)
    now = bench.clock.now()
    bench.containers.save(
        flow(bench), {"1:pay": Mark(generation=1, state=SlotState.STARTED, at=now)}
    )

    bench.clock.advance(MINUTE)
    assert swept(bench) == []  # whoever marked it may be about to make it
    bench.clock.advance(MINUTE)

    assert swept(bench) == [{"container_id": FLOW, "lost": 1}]
    assert ordered(bench)[-1] == {"container": FLOW, "lost": ["1:pay"]}


def test_page_that_was_closed_by_nobody_is_closed(bench: Bench) -> None:
    batch_of(bench, 1)
    bench.handle(lambda task: Done(text=task.text))
    containers = bench.containers
    bench.deliver()
    containers.reopen(
        Membership(container_id=FLOW, page=next(iter(flow(bench).pages)), slot="0"),
        at=bench.clock.now(),
    )

    bench.clock.advance(MINUTE)

    assert swept(bench) == [{"container_id": FLOW, "closed": 1}]
    assert flow(bench).is_done


def test_member_that_was_never_made_has_failed_after_an_hour(bench: Bench) -> None:
    opened(bench)
    (places,) = bench.containers.add_pages(FLOW, [["a", "b"]], at=bench.clock.now())
    put(bench, "a", places[0])

    bench.clock.advance(MEMBER_PATIENCE)
    assert swept(bench) == []
    bench.clock.advance(HOUR)
    assert swept(bench) == [{"container_id": FLOW, "marked": 1}]
    assert marks(bench) == {"1": SlotState.FAILED}

    put(bench, "b", places[1])  # who added it was only slow
    bench.handle(lambda task: Done(text=task.text))
    bench.drain()
    assert marks(bench) == dict.fromkeys(["0", "1"], SlotState.COMPLETED)


def test_member_whose_id_is_another_job_s_has_failed(bench: Bench) -> None:
    opened(bench)
    bench.containers.add_pages(FLOW, [["a"]], at=bench.clock.now())
    put(bench, "a", None)
    bench.handle(lambda task: Done(text=task.text))
    bench.drain()

    bench.clock.advance(2 * HOUR)

    assert swept(bench) == [{"container_id": FLOW, "marked": 1}]
    assert marks(bench) == {"0": SlotState.FAILED}


def test_page_whose_maker_died_is_given_up(bench: Bench) -> None:
    opened(bench)
    announced = cast("PageStore", bench.containers)
    announced.open_pages(FLOW, {page_id(["a"], 0): 1}, at=bench.clock.now())

    bench.clock.advance(PAGE_PATIENCE)
    assert swept(bench) == []
    bench.clock.advance(HOUR)

    assert swept(bench) == [{"container_id": FLOW, "voided": 1}]
    assert flow(bench).is_done
    assert flow(bench).total == 0


def test_page_that_was_half_given_up_is_given_up(bench: Bench) -> None:
    opened(bench)
    announced, lost = cast("PageStore", bench.containers), page_id(["a"], 0)
    announced.open_pages(FLOW, {lost: 1}, at=bench.clock.now())
    announced.write_pages(FLOW, {lost: ()}, at=bench.clock.now())

    bench.clock.advance(HOUR)

    assert swept(bench) == [{"container_id": FLOW, "voided": 1}]
    assert (flow(bench).total, flow(bench).is_done) == (0, True)


def test_batch_that_its_maker_forgot_is_let_go(bench: Bench) -> None:
    opened(bench, held_until=bench.clock.now() + HOUR)
    bench.clock.advance(MINUTE)
    assert swept(bench) == []

    bench.clock.advance(HOUR)

    assert swept(bench) == [{"container_id": FLOW, "let_go": 1}]
    assert flow(bench).is_done


def test_nested_batch_that_has_ended_is_told_to_say_so(bench: Bench) -> None:
    opened(bench)
    ((place,),) = bench.containers.add_pages(FLOW, [["inner"]], at=bench.clock.now())
    opened(bench, container_id="inner", member_of=place)
    bench.clock.advance(MINUTE)
    swept(bench)
    assert {"container": "inner"} not in ordered(bench)
    (inner,) = bench.containers.read_many(["inner"])
    assert inner is not None
    bench.containers.save(replace(inner, state="completed", is_open=False))

    bench.clock.advance(HOUR)

    assert swept(bench) == []
    assert {"container": "inner"} in ordered(bench)


def test_nested_workflow_that_has_ended_is_told_to_say_so(bench: Bench) -> None:
    opened(bench, Kind.WORKFLOW)
    now, child = bench.clock.now(), f"{FLOW}.1:ship"
    bench.containers.save(
        flow(bench), {"1:ship": Mark(generation=1, state=SlotState.STARTED, at=now)}
    )
    opened(bench, Kind.WORKFLOW, container_id=child, member_of=f"{FLOW}/root/1:ship")
    (inner,) = bench.containers.read_many([child])
    assert inner is not None
    bench.containers.save(replace(inner, state="completed", is_open=False))

    bench.clock.advance(HOUR)

    assert swept(bench) == []
    assert {"container": child} in ordered(bench)


def test_pages_of_a_large_batch_are_looked_at_in_turn(deaf: Bench) -> None:
    opened(deaf)
    for number in range(PAGES_A_LOOK + 5):
        ((place,),) = deaf.containers.add_pages(FLOW, [[f"m-{number}"]], at=deaf.clock.now())
        put(deaf, f"m-{number}", place)
    while deaf.queue.next_visible_at(deaf.address.queue) == deaf.clock.now():
        die_before_marking(deaf)

    deaf.clock.advance(MINUTE)
    assert swept(deaf) == [{"container_id": FLOW, "marked": PAGES_A_LOOK}]
    deaf.clock.advance(MINUTE)
    assert swept(deaf) == [{"container_id": FLOW, "marked": 5}]

    assert flow(deaf).is_done


def test_of_two_sweepers_one_looks(bench: Bench) -> None:
    batch_of(bench, 1)
    bench.clock.advance(MINUTE)
    containers = bench.containers
    bench.containers = Wrapped(containers, postpone=lambda *_a, **_k: False)

    swept(bench)

    assert bench.orders() == []


def test_store_that_is_down_ends_the_look(bench: Bench) -> None:
    batch_of(bench, 1)
    bench.clock.advance(MINUTE)
    bench.containers = Wrapped(bench.containers, due=down)

    assert swept(bench) == []

    assert [one.event for one in bench.telemetry.troubles] == ["store_unavailable"]


def test_container_that_cannot_be_read_is_told_and_holds_up_no_other(bench: Bench) -> None:
    def unreadable(*_: object) -> None:
        raise RecordUnreadableError("written by a later version")

    batch_of(bench, 1)
    bench.clock.advance(MINUTE)
    bench.containers = Wrapped(bench.containers, read_many=unreadable)

    assert swept(bench) == []

    assert [one.event for one in bench.telemetry.troubles] == ["container_unreadable"]


def test_member_without_an_answer_is_looked_at_again(deaf: Bench) -> None:
    enqueued(deaf, [])
    batch_of(deaf, 1)
    die_before_marking(deaf)
    store = deaf.store
    deaf.store = Wrapped(store, get_many=down)
    deaf.clock.advance(MINUTE)
    assert swept(deaf) == []

    deaf.store = store
    deaf.clock.advance(MINUTE)

    assert swept(deaf) == [{"container_id": FLOW, "marked": 1}]
