"""ContainerStore: the pages of a batch, and when it is done, in each of its makes."""

from typing import TYPE_CHECKING, cast

import pytest

from tests.contract.containers import (
    DAY,
    MINUTE,
    NOW,
    a_container,
    a_mark,
    filled,
    marked,
    page_of,
    stored,
    told,
)
from workerless.errors import (
    BatchClosedError,
    BatchFullError,
    ContainerNotFoundError,
)
from workerless.frozen import replace
from workerless.membership import ROOT, Membership, read_membership
from workerless.testing.memory import FakeClock
from workerless.workflow.mark import SlotState
from workerless.workflow.page import MAX_MEMBERS, page_id
from workerless.workflow_ports import ContainerStore
from workerless.workflow_writes import PageStore

if TYPE_CHECKING:
    pass


def test_members_get_a_slot_each_in_their_order(containers: ContainerStore) -> None:
    places = filled(containers)

    page = page_of(places)
    assert [read_membership(one).slot for one in places] == ["0", "1", "2"]
    assert containers.members("import-7", page) == ("job-0", "job-1", "job-2")
    batch = stored(containers)
    assert (batch.total, batch.pages, batch.open_pages) == (3, {page: 3}, {page: NOW})


def test_adding_the_same_members_again_changes_nothing(containers: ContainerStore) -> None:
    places = filled(containers)
    before = stored(containers)

    assert containers.add_pages("import-7", [["job-0", "job-1", "job-2"]], at=NOW + DAY) == [places]
    assert stored(containers) == before


def test_batch_calls_for_a_look_when_its_last_member_ends(containers: ContainerStore) -> None:
    places = filled(containers)

    assert marked(containers, [told(places[0]), told(places[1])]) == []
    assert not stored(containers).is_done
    assert marked(containers, [told(places[2])]) == ["import-7"]
    assert marked(containers, [told(places[2])]) == ["import-7"]
    assert stored(containers).is_done


def test_marks_of_one_page_come_together_with_old_ones_among_them(
    containers: ContainerStore,
) -> None:
    places = filled(containers)
    marked(containers, [told(places[0])])

    assert marked(containers, [told(one) for one in places]) == ["import-7"]

    (page,) = containers.read_pages("import-7", [page_of(places)])
    assert page is not None
    assert page.marks == {"0": a_mark(), "1": a_mark(), "2": a_mark()}


def test_first_failure_of_a_page_calls_for_a_look(containers: ContainerStore) -> None:
    places = filled(containers, 4)

    assert marked(containers, [told(places[0], SlotState.FAILED)]) == ["import-7"]
    assert marked(containers, [told(places[1], SlotState.FAILED)]) == []
    assert marked(containers, [told(places[2])]) == []


def test_batch_is_done_when_all_its_pages_are(containers: ContainerStore) -> None:
    first = filled(containers)
    (second,) = containers.add_pages("import-7", [["other"]], at=NOW)

    assert marked(containers, [told(one) for one in first]) == []
    assert marked(containers, [told(one) for one in second]) == ["import-7"]


def test_batch_that_is_held_is_not_done_until_it_is_let_go(containers: ContainerStore) -> None:
    containers.create(a_container(held_until=NOW + MINUTE))
    (places,) = containers.add_pages("import-7", [["job-1"]], at=NOW)

    assert marked(containers, [told(places[0])]) == []
    assert containers.let_go("import-7", at=NOW)
    assert containers.let_go("import-7", at=NOW)
    assert stored(containers).is_done


def test_letting_go_tells_that_members_have_not_ended(containers: ContainerStore) -> None:
    filled(containers)

    assert not containers.let_go("import-7", at=NOW)
    assert not containers.let_go("gone", at=NOW)


def test_end_decided_without_new_members_is_refused(containers: ContainerStore) -> None:
    containers.create(a_container())
    read = stored(containers)

    containers.add_pages("import-7", [["job-1"]], at=NOW)

    assert not containers.save(replace(read, state="completed", is_open=False))


def test_ended_batch_takes_no_more_members_but_tells_of_its_own(
    containers: ContainerStore,
) -> None:
    places = filled(containers)
    containers.save(replace(stored(containers), state="completed", is_open=False))

    with pytest.raises(BatchClosedError, match="is completed"):
        containers.add_pages("import-7", [["job-9"]], at=NOW)
    assert containers.add_pages("import-7", [["job-0", "job-1", "job-2"]], at=NOW) == [places]


def test_batch_that_is_called_off_takes_no_more_members(containers: ContainerStore) -> None:
    filled(containers, members=1)
    assert containers.save(replace(stored(containers), is_stopping=True))

    with pytest.raises(BatchClosedError, match="called off"):
        containers.add_pages("import-7", [["late"]], at=NOW)
    containers.add_pages("import-7", [["job-0"]], at=NOW)  # who added it asks again
    assert containers.save(replace(stored(containers), is_stopping=False))
    containers.add_pages("import-7", [["late"]], at=NOW)

    assert stored(containers).total == 2


def test_batch_that_is_not_there_takes_none(containers: ContainerStore) -> None:
    with pytest.raises(ContainerNotFoundError, match="'gone'"):
        containers.add_pages("gone", [["job-9"]], at=NOW)


def test_full_batch_takes_no_more(containers: ContainerStore) -> None:
    containers.create(a_container(total=MAX_MEMBERS - 1))

    containers.add_pages("import-7", [["job-1"]], at=NOW)
    with pytest.raises(BatchFullError, match="add many at a time"):
        containers.add_pages("import-7", [["job-2"]], at=NOW)


def test_pages_added_together_are_waited_for_together(containers: ContainerStore) -> None:
    containers.create(a_container())
    pages = [[f"{page}-{one}" for one in range(2)] for page in range(60)]

    places = containers.add_pages("import-7", pages, at=NOW)

    batch = stored(containers)
    assert (batch.total, len(batch.pages), set(batch.open_pages)) == (120, 60, set(batch.pages))
    found = [containers.members("import-7", page_of(one)) for one in places]
    assert found == [tuple(page) for page in pages]
    assert containers.add_pages("import-7", pages, at=NOW + DAY) == places
    assert stored(containers) == batch


def test_of_pages_that_are_there_in_part_the_others_come(containers: ContainerStore) -> None:
    (known,) = filled(containers)[:1]
    announced = cast("PageStore", containers)
    lost = page_id(["a"], 0)
    announced.open_pages("import-7", {lost: 1}, at=NOW)
    containers.void_page("import-7", lost, at=NOW)

    first, second, third = containers.add_pages(
        "import-7", [["job-0", "job-1", "job-2"], ["a"], ["b"]], at=NOW
    )

    assert first[0] == known
    assert page_of(second) == page_id(["a"], 1)
    assert page_of(third) == page_id(["b"], 0)
    assert stored(containers).total == 5


def test_pages_that_have_no_room_together_are_none(containers: ContainerStore) -> None:
    containers.create(a_container(total=MAX_MEMBERS - 1))

    with pytest.raises(BatchFullError):
        containers.add_pages("import-7", [["job-1"], ["job-2"]], at=NOW)

    assert stored(containers).pages == {}


def test_page_that_was_never_written_can_be_given_up(containers: ContainerStore) -> None:
    places = filled(containers)
    page = page_of(places)
    containers.void_page("import-7", page, at=NOW)  # it is there: nothing happens
    assert stored(containers).total == 3

    lost = page_id(["a", "b"], 0)
    announced = cast("PageStore", containers)
    announced.open_pages("import-7", {lost: 2}, at=NOW)  # and its maker died
    assert stored(containers).total == 5

    for _ in range(2):
        containers.void_page("import-7", lost, at=NOW)

    batch = stored(containers)
    assert (batch.total, batch.pages, list(batch.open_pages)) == (3, {page: 3, lost: 0}, [page])
    assert announced.write_pages("import-7", {lost: ["a", "b"]}, at=NOW)[0].is_void  # it only slept
    (again,) = containers.add_pages("import-7", [["a", "b"]], at=NOW)
    assert page_of(again) == page_id(["a", "b"], 1)
    assert containers.members("import-7", page_of(again)) == ("a", "b")
    assert stored(containers).total == 5


def test_redriven_member_is_waited_for_again(containers: ContainerStore) -> None:
    places = filled(containers, 1)
    membership = read_membership(places[0])
    marked(containers, [told(places[0], SlotState.FAILED)])
    before = stored(containers)
    assert before.is_done

    marked(containers, [told(places[0], SlotState.STARTED, 2)])
    containers.reopen(membership, at=NOW)
    containers.reopen(membership, at=NOW + DAY)

    after = stored(containers)
    assert after.open_pages == {membership.page: NOW}
    assert not containers.save(replace(before, state="failed", is_open=False))
    assert marked(containers, [told(places[0], generation=2)]) == ["import-7"]
    assert stored(containers).is_done


def test_ended_batch_waits_again_for_a_member_of_its_own(containers: ContainerStore) -> None:
    places = filled(containers, 1)
    marked(containers, [told(places[0], SlotState.FAILED)])
    containers.save(replace(stored(containers), state="failed", is_open=False))

    containers.reopen(read_membership(places[0]), at=NOW)

    assert not stored(containers).is_done
    assert not stored(containers).is_open


def test_what_is_no_page_of_a_batch_is_not_waited_for(containers: ContainerStore) -> None:
    filled(containers, 1)
    before = stored(containers)

    containers.reopen(Membership(container_id="import-7", page="0" * 16, slot="1"), at=NOW)
    containers.reopen(Membership(container_id="gone", page="0" * 16, slot="1"), at=NOW)
    containers.reopen(Membership(container_id="import-7", page=ROOT, slot="1"), at=NOW)

    assert stored(containers) == before


def test_batch_under_the_id_of_one_past_its_time_begins_empty(
    containers: ContainerStore, clock: FakeClock
) -> None:
    places = filled(containers, members=1)
    marked(containers, [told(places[0])])
    containers.let_go("import-7", at=NOW)
    ended = replace(stored(containers), state="completed", is_open=False, expires_at=NOW + DAY)
    assert containers.save(ended)
    containers.retire(ended, NOW + DAY)
    clock.advance(DAY)

    assert containers.create(a_container(created_at=NOW + DAY)).created
    containers.add_pages("import-7", [["job-0"]], at=NOW + DAY)

    (page,) = containers.read_pages("import-7", [page_of(places)])
    assert page is not None
    assert (stored(containers).total, page.marks) == (1, {})
