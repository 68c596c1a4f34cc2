"""Searches over types and states: every job once, in pages that anybody may hold a cursor of."""

from dataclasses import replace
from datetime import timedelta

import pytest

from workerless.errors import CursorRefusedError, UnknownJobTypeError, WorkerlessError
from workerless.operations.search import Finder
from workerless.search import Count, Search
from workerless.search_key import key_digest
from workerless.states import State
from workerless.testing.directory import InMemoryDirectory
from workerless.testing.memory import FakeClock, InMemoryStore
from workerless.testing.sample import a_record

SECOND = timedelta(seconds=1)
TYPES = ("a", "b", "c")


@pytest.fixture
def store() -> InMemoryStore:
    clock = FakeClock()
    store = InMemoryStore(clock)
    store.put_many(
        [
            a_record(
                f"{name}-{state}-{n}",
                job_type=name,
                state=state,
                tenant=f"tenant-{n % 2}",
                updated_at=clock.now() + n * SECOND,
                search_keys={"order": key_digest(str(n))},
            )
            for name in TYPES
            for state in State
            for n in range(5)
        ]
    )
    return store


@pytest.fixture
def finder(store: InMemoryStore) -> Finder:
    return Finder(store, InMemoryDirectory(TYPES))


def _pages(finder: Finder, search: Search, limit: int) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        hits = finder.find(search, limit=limit, cursor=cursor)
        pages.append([row.job_id for row in hits.rows])
        if hits.cursor is None:
            return pages
        cursor = hits.cursor


@pytest.mark.parametrize("limit", [1, 7, 100, 1_000])
def test_every_job_is_found_once(finder: Finder, store: InMemoryStore, limit: int) -> None:
    pages = _pages(finder, Search(), limit)

    found = [job_id for page in pages for job_id in page]
    assert sorted(found) == sorted(record.job_id for record in store.records())
    assert all(len(page) <= limit for page in pages)


def test_search_of_one_type_and_state_comes_newest_first(finder: Finder) -> None:
    search = Search(job_type="b", states=frozenset({State.FAILED}))

    assert _pages(finder, search, 3) == [
        ["b-failed-4", "b-failed-3", "b-failed-2"],
        ["b-failed-1", "b-failed-0"],
    ]


def test_states_of_several_kinds_are_found_together(finder: Finder) -> None:
    states = frozenset({State.PENDING, State.RETRYING, State.FAILED, State.HELD})

    found = [one for page in _pages(finder, Search(job_type="a", states=states), 4) for one in page]

    assert len(found) == len(set(found)) == 20
    assert {one.split("-")[1] for one in found} == {"pending", "retrying", "failed", "held"}


def test_key_is_looked_for_in_every_type_and_state(finder: Finder) -> None:
    found = [one for page in _pages(finder, Search(keys={"order": "3"}), 5) for one in page]

    assert sorted(found) == sorted(f"{name}-{state}-3" for name in TYPES for state in State)


def test_type_that_came_or_went_between_pages_moves_no_other(store: InMemoryStore) -> None:
    search = Search(states=frozenset({State.FAILED}))
    finder = Finder(store, InMemoryDirectory(("a", "c")))
    first = finder.find(search, limit=5)
    again = Finder(store, InMemoryDirectory(("b", "c")))

    second = again.find(search, limit=10, cursor=first.cursor)

    assert [row.job_type for row in first.rows] == ["a"] * 5
    assert [row.job_type for row in second.rows] == ["c"] * 5


def test_same_page_has_the_same_cursor(finder: Finder) -> None:
    search = Search(tags=frozenset(), tenant="tenant-0")

    assert finder.find(search, limit=2).cursor == finder.find(search, limit=2).cursor


def test_pages_of_the_last_hour_are_of_the_same_hour(finder: Finder) -> None:
    """Who says "an hour ago" says another time for each page."""
    search = Search(job_type="b", states=frozenset({State.FAILED}))
    oldest = finder.find(search).rows[-1].updated_at

    first = finder.find(replace(search, since=oldest), limit=3)
    later = replace(search, since=oldest + timedelta(hours=1), until=oldest)
    second = finder.find(later, limit=3, cursor=first.cursor)

    assert [row.job_id for row in second.rows] == ["b-failed-1", "b-failed-0"]


def test_cursor_of_another_search_or_a_changed_one_is_refused(finder: Finder) -> None:
    search = Search(tenant="tenant-0")
    cursor = finder.find(search, limit=2).cursor
    assert cursor is not None

    for of, given in (
        (replace(search, tenant="tenant-1"), cursor),
        (search, cursor[:-1] + ("A" if cursor[-1] != "A" else "B")),
        (search, "nonsense"),
    ):
        with pytest.raises(CursorRefusedError, match="this very search"):
            finder.find(of, limit=2, cursor=given)


def test_cursor_names_no_job(finder: Finder) -> None:
    cursor = finder.find(Search(job_type="a"), limit=3).cursor

    assert cursor is not None
    assert "pending" not in cursor


def test_unknown_type_is_told(finder: Finder) -> None:
    with pytest.raises(UnknownJobTypeError):
        finder.find(Search(job_type="nobody"))


@pytest.mark.parametrize("limit", [0, 1_001])
def test_limit_out_of_range_is_refused(finder: Finder, limit: int) -> None:
    with pytest.raises(WorkerlessError, match=f"between 1 and 1000, got {limit}"):
        finder.find(Search(), limit=limit)


def test_each_and_count_go_through_all(finder: Finder) -> None:
    search = Search(tenant="tenant-0")

    assert len({row.job_id for row in finder.each(search)}) == 3 * 9 * 3
    assert finder.count(search, at_most=100) == Count(number=81)
    assert finder.count(search, at_most=81) == Count(number=81)
    assert finder.count(search, at_most=80) == Count(number=80, at_least=True)
