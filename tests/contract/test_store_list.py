"""Store: pages of jobs by type and state."""

from datetime import timedelta

import pytest

from workerless.due import SHARDS
from workerless.errors import WorkerlessError
from workerless.ports import Store
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_record

SECOND = timedelta(seconds=1)


def _pages(store: Store, state: State, limit: int) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        page = store.list(state, job_type="send_email", limit=limit, cursor=cursor)
        pages.append([record.job_id for record in page.records])
        cursor = page.cursor
        if cursor is None:
            return pages


def test_ended_jobs_come_newest_first(store: Store, clock: FakeClock) -> None:
    records = [
        a_record(f"job-{n:02}", state=State.FAILED, updated_at=clock.now() + n * SECOND)
        for n in range(25)
    ]
    store.put_many(records)

    pages = _pages(store, State.FAILED, 10)

    newest_first = [record.job_id for record in reversed(records)]
    assert pages == [newest_first[:10], newest_first[10:20], newest_first[20:]]


@pytest.mark.parametrize("state", [State.COMPLETED, State.PENDING])
@pytest.mark.parametrize("limit", [1, 7, 150])
def test_jobs_of_one_moment_are_all_listed_once(store: Store, state: State, limit: int) -> None:
    ids = [f"job-{number:02}" for number in range(20)]
    store.put_many([a_record(job_id, state=state) for job_id in ids])

    pages = _pages(store, state, limit)

    assert sorted(job_id for page in pages for job_id in page) == ids
    assert all(len(page) <= limit for page in pages)


def test_page_that_ends_the_list_has_no_cursor(store: Store) -> None:
    store.put_many([a_record(f"job-{n}", state=State.FAILED) for n in range(3)])

    page = store.list(State.FAILED, job_type="send_email", limit=3)

    assert (len(page.records), page.cursor) == (3, None)


def test_job_is_listed_under_its_state_alone(store: Store, clock: FakeClock) -> None:
    def listed() -> list[State]:
        return [state for state in State if _pages(store, state, 5) != [[]]]

    store.put_many([a_record(), a_record("other", job_type="process_image")])
    seen = [listed()]
    store.claim_many([a_claim()])
    seen.append(listed())
    store.finish_many([a_finish(state=State.RETRYING, run_at=clock.now() + SECOND)])
    seen.append(listed())
    store.claim_many([a_claim(now=clock.now() + SECOND)])
    store.cancel("job-1", at=clock.now(), reason="no", expires_at=clock.now() + SECOND)
    seen.append(listed())

    assert seen == [[State.PENDING], [State.PROCESSING], [State.RETRYING], [State.CANCELLED]]


@pytest.mark.parametrize("state", [State.COMPLETED, State.DISCARDED, State.FAILED])
@pytest.mark.parametrize("listed", [True, False])
def test_job_that_ended_unlisted_is_in_no_page_and_due_no_more(
    store: Store, clock: FakeClock, state: State, *, listed: bool
) -> None:
    store.claim_many([a_claim(new=a_record())])

    store.finish_many([a_finish(state=state, listed=listed)])

    pages = [job_id for one in State for page in _pages(store, one, 5) for job_id in page]
    assert pages == (["job-1"] if listed else [])
    (record,) = store.get_many(["job-1"])
    assert record is not None
    assert record.state is state
    far = clock.now() + timedelta(days=365)
    assert [due for shard in range(SHARDS) for due in store.due(shard, before=far, limit=9)] == []


@pytest.mark.parametrize("state", [State.PENDING, State.COMPLETED])
def test_jobs_are_told_from_those_of_other_types(store: Store, state: State) -> None:
    others = [a_record(f"other-{n}", job_type="process_image", state=state) for n in range(30)]
    store.put_many([*others, a_record(state=state)])

    found = [job_id for page in _pages(store, state, 2) for job_id in page]

    assert found == ["job-1"]


@pytest.mark.parametrize("limit", [0, 201])
def test_limit_out_of_range_is_refused(store: Store, limit: int) -> None:
    with pytest.raises(WorkerlessError, match=f"between 1 and 200, got {limit}"):
        store.list(State.FAILED, job_type="send_email", limit=limit)


@pytest.mark.parametrize("cursor", ["nonsense", "☃", "bnVsbA=="])
def test_foreign_cursor_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(WorkerlessError, match="one that a listing returned"):
        store.list(State.FAILED, job_type="send_email", cursor=cursor)
