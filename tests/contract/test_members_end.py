"""Store: whoever ends a member of a batch or workflow, its container is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.contract.conftest import CLOUDS, Cloud, create_table
from workerless.aws.operator import DynamoOperatorStore
from workerless.aws.table import Table
from workerless.aws.workflow.containers import DynamoContainers
from workerless.due import shard_of
from workerless.operator_ports import OperatorStore
from workerless.record import Record
from workerless.redrive import Dismissal, Redrive
from workerless.states import State
from workerless.testing.memory import FakeClock, InMemoryStore
from workerless.testing.sample import a_claim, a_finish, a_record, an_error
from workerless.workflow.definition import Kind
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow_ports import Container, ContainerStore

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Both = tuple[OperatorStore, ContainerStore]


@pytest.fixture(params=["memory", *CLOUDS])
def both(request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock) -> Both:
    """The records and the containers of one stage."""
    if request.param == "memory":
        store = InMemoryStore(clock)
        return store, store.containers
    client = clouds(request.param).dynamodb
    table = create_table(client)
    containers = DynamoContainers(Table(client, table, clock), clock)
    return DynamoOperatorStore(client, table, clock), containers


def a_member(both: Both, clock: FakeClock) -> Record:
    """The only job of a batch; it waits."""
    store, containers = both
    now = clock.now()
    containers.create(
        Container(
            container_id="b",
            name="b",
            kind=Kind.BATCH,
            state="running",
            control="{}",
            created_at=now,
            updated_at=now,
        )
    )
    ((place,),) = containers.add_pages("b", [["job-1"]], at=now)
    store.put_many([a_record(member_of=place)])
    return stored(both)


def a_dead_member(both: Both, clock: FakeClock) -> Record:
    store, _ = both
    a_member(both, clock)
    (claimed,) = store.claim_many([a_claim()])
    failure = a_finish(held=claimed.record, state=State.FAILED, reason="x", error=an_error())
    assert store.finish_many([failure]) == [True]
    return stored(both)


def stored(both: Both) -> Record:
    (record,) = both[0].get_many(["job-1"])
    assert record is not None
    return record


def mark_in(both: Both) -> Mark | None:
    _, containers = both
    (batch,) = containers.read_many(["b"])
    assert batch is not None
    (page,) = containers.read_pages("b", list(batch.pages))
    assert page is not None
    return page.marks.get("0")


def is_looked_at(both: Both, clock: FakeClock) -> bool:
    return bool(both[1].due(shard_of("b"), before=clock.now(), limit=1))


def is_done(both: Both) -> bool:
    (batch,) = both[1].read_many(["b"])
    assert batch is not None
    return batch.is_done


def test_record_keeps_its_place(both: Both, clock: FakeClock) -> None:
    record = a_member(both, clock)

    assert record.member_of is not None
    assert record.member_of.startswith("b/")
    assert mark_in(both) is None


def test_cancelled_member_is_marked(both: Both, clock: FakeClock) -> None:
    a_member(both, clock)

    for _ in range(2):
        both[0].cancel("job-1", at=clock.now(), reason="x", expires_at=clock.now() + DAY)

    mark = mark_in(both)
    assert mark is not None
    assert (mark.state, mark.generation, mark.began) == (SlotState.CANCELLED, 1, False)
    assert is_done(both)
    assert is_looked_at(both, clock)


def test_member_that_is_only_asked_to_end_is_not_marked(both: Both, clock: FakeClock) -> None:
    a_member(both, clock)
    both[0].claim_many([a_claim()])

    both[0].cancel("job-1", at=clock.now(), reason="x", expires_at=clock.now() + DAY)

    assert mark_in(both) is None


def test_member_that_is_given_up_is_marked(both: Both, clock: FakeClock) -> None:
    idle = a_member(both, clock)

    for _ in range(2):
        both[0].give_up(
            idle, at=clock.now(), reason="x", error=an_error(), expires_at=clock.now() + DAY
        )

    mark = mark_in(both)
    assert mark is not None
    assert (mark.state, mark.began) == (SlotState.FAILED, False)
    assert is_looked_at(both, clock)


def test_redriven_member_is_waited_for_again(both: Both, clock: FakeClock) -> None:
    seen = a_dead_member(both, clock)
    redrive = Redrive(seen=seen, by="ada", at=clock.now(), run_at=clock.now())

    for _ in range(2):
        (changed,) = both[0].redrive_many([redrive])
        assert changed.is_done

    mark = mark_in(both)
    assert mark is not None
    assert (mark.state, mark.generation, mark.began) == (SlotState.STARTED, 2, True)
    assert not is_done(both)
    assert is_looked_at(both, clock)


def test_dismissed_member_has_failed_for_its_batch(both: Both, clock: FakeClock) -> None:
    seen = a_dead_member(both, clock)
    now = clock.now()

    both[0].dismiss_many(
        [Dismissal(seen=seen, by="ada", at=now, reason="spam", expires_at=now + MINUTE)]
    )

    mark = mark_in(both)
    assert mark is not None
    assert mark.state is SlotState.FAILED
    assert is_done(both)
