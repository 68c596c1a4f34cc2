"""Store: what an operator looks for is found, with all that a row tells, and nothing else."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from workerless.due import SHARDS
from workerless.errors import CursorRefusedError, WorkerlessError
from workerless.operator_ports import OperatorStore
from workerless.record import Record
from workerless.search import MAX_LISTED_MESSAGE, Count, Listed, Search, listed
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_record, an_error

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def _search(*states: State, **said: Any) -> Search:
    return Search(job_type="send_email", states=frozenset(states), **said)


def _rows(store: OperatorStore, search: Search, limit: int = 100) -> list[Listed]:
    rows: list[Listed] = []
    cursor = None
    while True:
        hits = store.search(search, limit=limit, cursor=cursor)
        assert len(hits.rows) <= limit
        rows += hits.rows
        cursor = hits.cursor
        if cursor is None:
            return rows


def _ids(store: OperatorStore, search: Search, limit: int = 100) -> list[str]:
    return [row.job_id for row in _rows(store, search, limit)]


def _failed(numbers: Iterable[int], clock: FakeClock, **changes: Any) -> list[Record]:
    return [
        a_record(f"job-{n:03}", state=State.FAILED, updated_at=clock.now() + n * SECOND, **changes)
        for n in numbers
    ]


@pytest.mark.parametrize("state", State)
def test_row_tells_what_its_record_does(
    store: OperatorStore, clock: FakeClock, state: State
) -> None:
    now = clock.now()
    record = a_record(
        state=state,
        attempt=2,
        generation=3,
        sent_for=now + SECOND,
        first_started_at=now + 2 * SECOND,
        started_at=now + 3 * SECOND,
        finished_at=now + 4 * SECOND,
        updated_at=now + 5 * SECOND,
        reason="rejected",
        errors=(an_error(1, "first"), an_error(2, "é" * MAX_LISTED_MESSAGE * 2)),
        tenant="acme",
        correlation_id="order-7",
        tags=("eu", "big"),
        expires_at=now + DAY,
    )
    store.put_many([record])

    assert _rows(store, _search(state)) == [listed(record)]


def test_nothing_is_found_in_a_time_that_ends_before_it_begins(
    store: OperatorStore, clock: FakeClock
) -> None:
    """DynamoDB refuses such a range."""
    store.put_many(_failed(range(3), clock))
    begun = clock.now() + SECOND

    for end in (begun, begun - SECOND):
        assert _rows(store, _search(State.FAILED, since=begun, until=end)) == []


def test_row_of_a_job_that_failed_in_a_worker_tells_its_error(
    store: OperatorStore, clock: FakeClock
) -> None:
    store.put_many([a_record()])
    (claimed,) = store.claim_many([a_claim(now=clock.now() + SECOND)])
    error = an_error(message="no order 17")
    finish = a_finish(held=claimed.record, state=State.FAILED, reason="rejected", error=error)

    store.finish_many([finish])

    (row,) = _rows(store, _search(State.FAILED))
    (record,) = store.get_many(["job-1"])
    assert record is not None
    assert row == listed(record)
    assert (row.error_type, row.message, row.reason) == ("OSError", "no order 17", "rejected")


def test_row_of_a_job_that_was_given_up_tells_why(store: OperatorStore, clock: FakeClock) -> None:
    idle = a_record()
    store.put_many([idle])
    error = an_error(message="nobody took it")

    store.give_up(
        idle, at=clock.now(), reason="undeliverable", error=error, expires_at=clock.now() + DAY
    )

    (row,) = _rows(store, _search(State.FAILED))
    assert (row.reason, row.message) == ("undeliverable", "nobody took it")


def test_rows_come_newest_first_over_pages(store: OperatorStore, clock: FakeClock) -> None:
    records = _failed(range(60), clock)
    store.put_many(records)

    for limit in (1, 7, 60, 1_000):
        assert _ids(store, _search(State.FAILED), limit) == [
            record.job_id for record in reversed(records)
        ]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"tenant": "acme"}, {"a", "b"}),
        ({"tenant": "acm"}, set()),
        ({"error_type": "OSError"}, {"a", "c"}),
        ({"reason": "crash_loop"}, {"b"}),
        ({"tags": frozenset({"eu"})}, {"a", "b"}),
        ({"tags": frozenset({"eu", "big"})}, {"b"}),
        ({"text": "BOOM"}, {"a"}),
        ({"text": "Crash"}, {"b"}),
        ({"text": "eu"}, {"a", "b"}),
        ({"fingerprint": "0" * 16}, set()),
        ({"tenant": "acme", "reason": "crash_loop"}, {"b"}),
    ],
)
def test_search_finds_what_is_meant(
    store: OperatorStore, said: dict[str, Any], found: set[str]
) -> None:
    store.put_many(
        [
            a_record("a", state=State.FAILED, tenant="acme", errors=(an_error(),), tags=("eu",)),
            a_record(
                "b", state=State.FAILED, tenant="acme", reason="crash_loop", tags=("big", "eu")
            ),
            a_record("c", state=State.FAILED, errors=(an_error(message="other"),)),
            a_record("d", state=State.HELD, tenant="acme"),
            a_record("e", state=State.FAILED, job_type="process_image", tenant="acme"),
        ]
    )

    assert set(_ids(store, _search(State.FAILED, **said))) == found


def test_jobs_are_found_by_their_fingerprint(store: OperatorStore) -> None:
    store.put_many(
        [
            a_record(f"job-{n}", state=State.FAILED, errors=(an_error(message=f"no order {n}"),))
            for n in range(5)
        ]
    )
    store.put_many([a_record("x", state=State.FAILED, errors=(an_error(message="no way"),))])
    (one,) = {row.fingerprint for row in _rows(store, _search(State.FAILED, text="no order"))}

    assert len(_ids(store, _search(State.FAILED, fingerprint=one))) == 5


@pytest.mark.parametrize("state", [State.FAILED, State.PENDING])
def test_since_is_inclusive_and_until_exclusive(
    store: OperatorStore, clock: FakeClock, state: State
) -> None:
    store.put_many([replace(one, state=state) for one in _failed(range(10), clock)])
    start = clock.now()

    found = _ids(store, _search(state, since=start + 3 * SECOND, until=start + 6 * SECOND), 2)

    assert sorted(found) == ["job-003", "job-004", "job-005"]


def test_expired_jobs_are_in_no_row_and_no_count(store: OperatorStore, clock: FakeClock) -> None:
    store.put_many([*_failed(range(3), clock), *_failed([3], clock, expires_at=clock.now() + DAY)])

    clock.advance(2 * DAY)

    assert len(_ids(store, _search(State.FAILED))) == 3
    assert store.count("send_email", State.FAILED, at_most=10) == Count(number=3)


@pytest.mark.parametrize(("at_most", "at_least"), [(9, True), (10, False), (11, False)])
def test_count_stops_where_it_is_told(
    store: OperatorStore, clock: FakeClock, at_most: int, *, at_least: bool
) -> None:
    store.put_many(_failed(range(10), clock))
    store.put_many([a_record("other", job_type="process_image", state=State.FAILED)])

    counted = store.count("send_email", State.FAILED, at_most=at_most)

    assert counted == Count(number=min(at_most, 10), at_least=at_least)
    assert store.count("send_email", State.HELD, at_most=5) == Count(number=0)


def test_waiting_and_running_jobs_are_found_together(store: OperatorStore) -> None:
    waiting = [State.PENDING, State.SCHEDULED, State.RETRYING, State.PROCESSING]
    store.put_many([a_record(state.value, state=state) for state in State])

    assert sorted(_ids(store, _search(*waiting), 2)) == sorted(waiting)
    assert _ids(store, _search(State.PENDING)) == ["pending"]


def test_secret_is_made_once(store: OperatorStore) -> None:
    first = store.secret()

    assert store.secret() == first
    assert len(first) == 32


@pytest.mark.parametrize("limit", [0, 1_001])
def test_limit_out_of_range_is_refused(store: OperatorStore, limit: int) -> None:
    with pytest.raises(WorkerlessError, match=f"between 1 and 1000, got {limit}"):
        store.search(_search(State.FAILED), limit=limit)


@pytest.mark.parametrize("states", [[], [State.FAILED, State.HELD], [State.FAILED, State.PENDING]])
def test_search_that_no_index_answers_is_refused(store: OperatorStore, states: list[State]) -> None:
    with pytest.raises(WorkerlessError, match="one state that rests"):
        store.search(_search(*states))


@pytest.mark.parametrize("cursor", ["nonsense", "☃", "bnVsbA=="])
@pytest.mark.parametrize("state", [State.FAILED, State.PENDING])
def test_foreign_cursor_is_refused(store: OperatorStore, cursor: str, state: State) -> None:
    with pytest.raises(CursorRefusedError, match="cursor must be one that a"):
        store.search(_search(state), cursor=cursor)


def test_jobs_of_every_shard_are_found(store: OperatorStore, clock: FakeClock) -> None:
    records = _failed(range(SHARDS * 20), clock)
    store.put_many(records)

    assert len(set(_ids(store, _search(State.FAILED), 30))) == len(records)
