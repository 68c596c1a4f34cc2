"""ContainerStore: what batches and workflows know of their members, in each of its makes."""

from typing import TYPE_CHECKING

import pytest

from tests.contract.containers import (
    DAY,
    MINUTE,
    NOW,
    SECOND,
    a_container,
    a_mark,
    filled,
    marked,
    stored,
    told,
)
from workerless.aws.table import Table
from workerless.aws.workflow.containers import DynamoContainers
from workerless.due import shard_of
from workerless.errors import (
    CursorRefusedError,
    RecordUnreadableError,
)
from workerless.frozen import replace
from workerless.testing.memory import FakeClock
from workerless.workflow.definition import Kind
from workerless.workflow.mark import SlotState
from workerless.workflow_ports import ContainerStore, DueContainer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def test_created_container_is_read_back_whole(containers: ContainerStore) -> None:
    whole = a_container(
        held_until=NOW + MINUTE,
        member_of="order-1/root/1:import",
        depth=2,
        job_depth=7,
        tenant="acme",
        correlation_id="c-1",
        traceparent=f"00-{'1' * 32}-{'2' * 16}-01",
        description="all of them",
        tags=("eu", "x:1"),
    )

    made = containers.create(whole)

    assert made.created
    assert made.container == replace(whole, version=1)
    assert containers.read_many(["import-7", "other"]) == [made.container, None]


def test_definition_of_any_size_is_kept(containers: ContainerStore) -> None:
    text = "é" * 200_000

    containers.create(a_container(kind=Kind.WORKFLOW), text)

    assert containers.definition(stored(containers)) == text


def test_container_without_a_definition_has_none(containers: ContainerStore) -> None:
    containers.create(a_container())

    assert containers.definition(stored(containers)) is None


def test_repeated_create_finds_its_own_work(containers: ContainerStore) -> None:
    containers.create(a_container(), "same")

    assert containers.create(a_container(), "same").created


def test_taken_id_is_told_and_left_alone(containers: ContainerStore) -> None:
    containers.create(a_container(), "one")

    made = containers.create(a_container(name="import-7", state="other"), "two")

    assert not made.created
    assert made.container.state == "running"
    assert containers.definition(stored(containers)) == "one"


def test_of_two_who_read_the_same_one_saves(containers: ContainerStore) -> None:
    containers.create(a_container())
    read = stored(containers)

    assert containers.save(replace(read, control='{"by":1}', state="failed", is_open=False))
    assert not containers.save(replace(read, control='{"by":2}'))
    after = stored(containers)
    assert (after.control, after.state, after.is_open) == ('{"by":1}', "failed", False)
    assert after.version == read.version + 1


def test_own_save_whose_answer_was_lost_is_no_conflict(containers: ContainerStore) -> None:
    containers.create(a_container())
    read = replace(stored(containers), control='{"by":1}')

    assert containers.save(read)
    assert containers.save(read)


def test_what_is_not_there_is_not_saved(containers: ContainerStore) -> None:
    assert not containers.save(a_container())


def test_start_is_refused_where_another_was_decided_on_meanwhile(
    containers: ContainerStore,
) -> None:
    containers.create(a_container(kind=Kind.WORKFLOW))
    read, started = stored(containers), a_mark(SlotState.STARTED)
    later = replace(started, at=NOW + SECOND)

    assert containers.save(read, {"1:pick": started})
    assert not containers.save(read, {"1:ship": started})
    assert not containers.save(read, {"1:pick": later})
    assert stored(containers).marks == {"1:pick": started}
    assert containers.save(read, {"1:pick": started})  # its answer was lost
    containers.mark_many([told("import-7/root/1:pick")])
    assert containers.save(read, {"1:pick": started})


def test_saved_marks_and_marks_of_members_stand_side_by_side(containers: ContainerStore) -> None:
    containers.create(a_container(kind=Kind.WORKFLOW))
    read = stored(containers)
    marked(containers, [told("import-7/root/1:pay_it")])

    assert containers.save(read, {"1:ship-undo": a_mark(SlotState.STARTED)})
    assert stored(containers).marks == {
        "1:pay_it": a_mark(),
        "1:ship-undo": a_mark(SlotState.STARTED),
    }


def test_later_mark_stands_whatever_comes_after_it(containers: ContainerStore) -> None:
    containers.create(a_container(kind=Kind.WORKFLOW))
    place = "import-7/root/1:pay"

    for mark in ((SlotState.FAILED, 2), (SlotState.COMPLETED, 1), (SlotState.STARTED, 2)):
        assert marked(containers, [told(place, *mark)]) == ["import-7"]

    assert stored(containers).marks == {"1:pay": a_mark(SlotState.FAILED, 2)}


def test_only_the_first_to_tell_a_mark_told_something_new(containers: ContainerStore) -> None:
    places = filled(containers, 2)
    first, again = told(places[0]), told(places[1], SlotState.FAILED)

    assert [one.is_new for one in containers.mark_many([first, first])] == [True, True]
    assert [one.is_new for one in containers.mark_many([first, again])] == [False, True]
    assert [one.is_new for one in containers.mark_many([told("gone/root/a")])] == [False]


def test_every_mark_of_a_workflow_calls_for_a_look(containers: ContainerStore) -> None:
    containers.create(a_container(kind=Kind.WORKFLOW))

    assert marked(containers, [told("import-7/root/a"), told("import-7/root/b")]) == ["import-7"]


def test_mark_for_what_is_not_there_is_passed_over(containers: ContainerStore) -> None:
    containers.create(a_container())

    assert marked(containers, [told("gone/root/a"), told(f"import-7/{'0' * 16}/1")]) == []
    assert containers.read_many(["gone"]) == [None]


def test_container_is_looked_at_when_it_is_due(containers: ContainerStore) -> None:
    containers.create(a_container())
    shard = shard_of("import-7")

    assert containers.due(shard, before=NOW, limit=10) == []
    (due,) = containers.due(shard, before=NOW + MINUTE, limit=10)
    assert due == DueContainer(container_id="import-7", at=NOW + MINUTE)
    assert containers.postpone(due, until=NOW + DAY, looked_to="f" * 16)
    assert containers.postpone(due, until=NOW + DAY)
    assert stored(containers).looked_to == "f" * 16
    assert not containers.postpone(due, until=NOW + 2 * DAY)
    assert containers.due(shard, before=NOW + MINUTE, limit=10) == []


def test_woken_container_is_due_at_once(containers: ContainerStore) -> None:
    containers.create(a_container())

    containers.wake("import-7", at=NOW)
    containers.wake("import-7", at=NOW + DAY)
    containers.wake("gone", at=NOW)

    found = containers.due(shard_of("import-7"), before=NOW, limit=10)
    assert [one.container_id for one in found] == ["import-7"]


def test_retired_container_goes_and_is_looked_at_no_more(containers: ContainerStore) -> None:
    filled(containers)
    containers.save(replace(stored(containers), state="completed", is_open=False))
    ended = stored(containers)

    containers.retire(ended, NOW - SECOND)

    containers.wake("import-7", at=NOW)
    assert containers.read_many(["import-7"]) == [None]
    assert containers.due(shard_of("import-7"), before=NOW + DAY, limit=10) == []


def test_container_that_is_open_is_not_retired(containers: ContainerStore) -> None:
    containers.create(a_container())

    containers.retire(stored(containers), NOW - SECOND)

    assert stored(containers).expires_at is None


def test_ended_container_that_is_kept_stays_and_is_looked_at(containers: ContainerStore) -> None:
    filled(containers)
    containers.save(replace(stored(containers), state="failed", is_open=False))
    containers.retire(stored(containers), NOW + SECOND)

    containers.keep(stored(containers), NOW + DAY)

    assert stored(containers).expires_at == NOW + DAY
    found = containers.due(shard_of("import-7"), before=NOW + DAY, limit=10)
    assert [one.container_id for one in found] == ["import-7"]


def test_container_that_is_open_is_not_kept_for_a_time(containers: ContainerStore) -> None:
    containers.create(a_container())

    containers.keep(stored(containers), NOW + DAY)

    assert stored(containers).expires_at is None


def test_container_that_opens_again_is_looked_at_again(containers: ContainerStore) -> None:
    containers.create(a_container())
    containers.save(replace(stored(containers), state="failed", is_open=False))
    containers.retire(stored(containers), NOW + DAY)
    ended = stored(containers)

    assert containers.save(replace(ended, state="running", is_open=True, expires_at=None))

    found = containers.due(shard_of("import-7"), before=NOW + DAY, limit=10)
    assert [one.container_id for one in found] == ["import-7"]
    assert stored(containers).expires_at is None


def test_listing_pages_show_each_once_the_newest_first(containers: ContainerStore) -> None:
    for number in range(5):
        new = a_container(f"b-{number}", updated_at=NOW + number * MINUTE)
        containers.create(new)
    containers.create(a_container("w", Kind.WORKFLOW))
    containers.create(a_container("ended", state="completed"))

    found, cursor = [], None
    while True:
        page = containers.list(Kind.BATCH, "running", limit=2, cursor=cursor)
        found += [one.container_id for one in page.found]
        if (cursor := page.cursor) is None:
            break
    assert found == [f"b-{number}" for number in reversed(range(5))]


def test_listing_refuses_a_cursor_that_is_none_of_its_own(containers: ContainerStore) -> None:
    with pytest.raises(CursorRefusedError):
        containers.list(Kind.BATCH, "running", cursor="é")


@pytest.mark.parametrize("item", [{"name": {"S": "x"}}, {"m_1": {"S": "x"}, "size": {"N": "1"}}])
def test_what_is_none_of_ours_is_not_read(
    dynamodb: "DynamoDBClient", table: str, item: dict[str, dict[str, str]]
) -> None:
    for pk, sk in (("CONTAINER#x", "ROOT"), (f"PAGE#x#{'0' * 16}", "MARKS")):
        dynamodb.put_item(TableName=table, Item={"pk": {"S": pk}, "sk": {"S": sk}, **item})
    containers = DynamoContainers(Table(dynamodb, table, FakeClock(NOW)), FakeClock(NOW))

    with pytest.raises(RecordUnreadableError, match="CONTAINER#x"):
        containers.read_many(["x"])
    with pytest.raises(RecordUnreadableError, match="PAGE#x"):
        containers.read_pages("x", ["0" * 16])
