"""Store: what an operator looks for is found, with all that a row tells, and nothing else."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from workerless.due import SHARDS
from workerless.errors import CursorRefusedError, WorkerlessError
from workerless.operator_ports import SearchStore
from workerless.record import Record
from workerless.search import MAX_LISTED_MESSAGE, Count, Listed, Search, listed
from workerless.search_key import key_digest
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_record, an_error

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def _search(*states: State, **said: Any) -> Search:
    return Search(job_type="send_email", states=frozenset(states), **said)


def _rows(store: SearchStore, search: Search, limit: int = 100) -> list[Listed]:
    rows: list[Listed] = []
    cursor = None
    while True:
        hits = store.search(search, limit=limit, cursor=cursor)
        assert len(hits.rows) <= limit
        rows += hits.rows
        cursor = hits.cursor
        if cursor is None:
            return rows


def _ids(store: SearchStore, search: Search, limit: int = 100) -> list[str]:
    return [row.job_id for row in _rows(store, search, limit)]


def _failed(numbers: Iterable[int], clock: FakeClock, **changes: Any) -> list[Record]:
    return [
        a_record(f"job-{n:03}", state=State.FAILED, updated_at=clock.now() + n * SECOND, **changes)
        for n in numbers
    ]


@pytest.mark.parametrize("state", State)
def test_row_tells_what_its_record_does(store: SearchStore, clock: FakeClock, state: State) -> None:
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


def test_row_of_a_job_that_failed_in_a_worker_tells_its_error(
    store: SearchStore, clock: FakeClock
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


def test_row_of_a_job_that_was_given_up_tells_why(store: SearchStore, clock: FakeClock) -> None:
    idle = a_record()
    store.put_many([idle])
    error = an_error(message="nobody took it")

    store.give_up(
        idle, at=clock.now(), reason="undeliverable", error=error, expires_at=clock.now() + DAY
    )

    (row,) = _rows(store, _search(State.FAILED))
    assert (row.reason, row.message) == ("undeliverable", "nobody took it")


def test_rows_come_newest_first_over_pages(store: SearchStore, clock: FakeClock) -> None:
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
    store: SearchStore, said: dict[str, Any], found: set[str]
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


def test_jobs_are_found_by_their_fingerprint(store: SearchStore) -> None:
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
    store: SearchStore, clock: FakeClock, state: State
) -> None:
    store.put_many([replace(one, state=state) for one in _failed(range(10), clock)])
    start = clock.now()

    found = _ids(store, _search(state, since=start + 3 * SECOND, until=start + 6 * SECOND), 2)

    assert sorted(found) == ["job-003", "job-004", "job-005"]


def test_expired_jobs_are_in_no_row_and_no_count(store: SearchStore, clock: FakeClock) -> None:
    store.put_many([*_failed(range(3), clock), *_failed([3], clock, expires_at=clock.now() + DAY)])

    clock.advance(2 * DAY)

    assert len(_ids(store, _search(State.FAILED))) == 3
    assert store.count("send_email", State.FAILED, at_most=10) == Count(number=3)


@pytest.mark.parametrize(("at_most", "at_least"), [(9, True), (10, False), (11, False)])
def test_count_stops_where_it_is_told(
    store: SearchStore, clock: FakeClock, at_most: int, *, at_least: bool
) -> None:
    store.put_many(_failed(range(10), clock))
    store.put_many([a_record("other", job_type="process_image", state=State.FAILED)])

    counted = store.count("send_email", State.FAILED, at_most=at_most)

    assert counted == Count(number=min(at_most, 10), at_least=at_least)
    assert store.count("send_email", State.HELD, at_most=5) == Count(number=0)


def test_waiting_and_running_jobs_are_found_together(store: SearchStore) -> None:
    waiting = [State.PENDING, State.SCHEDULED, State.RETRYING, State.PROCESSING]
    store.put_many([a_record(state.value, state=state) for state in State])

    assert sorted(_ids(store, _search(*waiting), 2)) == sorted(waiting)
    assert _ids(store, _search(State.PENDING)) == ["pending"]


def test_secret_is_made_once(store: SearchStore) -> None:
    first = store.secret()

    assert store.secret() == first
    assert len(first) == 32


@pytest.mark.parametrize("limit", [0, 1_001])
def test_limit_out_of_range_is_refused(store: SearchStore, limit: int) -> None:
    with pytest.raises(WorkerlessError, match=f"between 1 and 1000, got {limit}"):
        store.search(_search(State.FAILED), limit=limit)


@pytest.mark.parametrize("states", [[], [State.FAILED, State.HELD], [State.FAILED, State.PENDING]])
def test_search_that_no_index_answers_is_refused(store: SearchStore, states: list[State]) -> None:
    with pytest.raises(WorkerlessError, match="one state that rests"):
        store.search(_search(*states))


@pytest.mark.parametrize("cursor", ["nonsense", "☃", "bnVsbA=="])
@pytest.mark.parametrize("state", [State.FAILED, State.PENDING])
def test_foreign_cursor_is_refused(store: SearchStore, cursor: str, state: State) -> None:
    with pytest.raises(CursorRefusedError, match="cursor must be one that a"):
        store.search(_search(state), cursor=cursor)


def test_job_found_by_key_is_there_and_has_the_value(store: SearchStore, clock: FakeClock) -> None:
    seven = {"order_id": key_digest("7"), "shop": key_digest("berlin")}
    store.put_many(
        [
            a_record(f"job-{n}", search_keys=seven, enqueued_at=clock.now() + n * SECOND)
            for n in range(30)
        ]
    )
    store.put_many([a_record("late", search_keys=seven, expires_at=clock.now() + DAY)])
    store.put_many([a_record("other", search_keys={"order_id": key_digest("8")})])
    store.put_many([a_record("image", job_type="process_image", search_keys=seven)])
    store.cancel("job-3", at=clock.now(), reason="no", expires_at=clock.now() + DAY)
    clock.advance(2 * DAY)

    def found(*states: State, **keys: str) -> list[str]:
        return _ids(store, _search(*states, keys=keys), 4)

    alive = [f"job-{n}" for n in range(29, -1, -1) if n != 3]
    assert found(order_id="7") == alive
    assert found(order_id="7", shop="berlin") == alive
    assert found(order_id="7", shop="paris") == []
    assert found(State.FAILED, order_id="7") == []
    assert found(order_id="8") == ["other"]
    assert found(order_id="9") == []
    assert found(unheard_of="7") == []


def test_id_that_another_job_took_over_is_not_found_by_the_old_value(
    store: SearchStore, clock: FakeClock
) -> None:
    old = a_record(search_keys={"order_id": key_digest("7")}, expires_at=clock.now() + DAY)
    store.put_many([old])
    clock.advance(2 * DAY)
    store.put_many([a_record(search_keys={"order_id": key_digest("8")}, enqueued_at=clock.now())])

    assert _ids(store, _search(keys={"order_id": "7"})) == []
    assert _ids(store, _search(keys={"order_id": "8"})) == ["job-1"]


@pytest.mark.parametrize("body", ["{}", "x" * 5_000])
def test_job_that_came_without_a_record_is_found_once_it_started(
    store: SearchStore, body: str
) -> None:
    new = a_record(body=body, search_keys={"order_id": key_digest("7")})
    store.claim_many([a_claim(new=new), a_claim("job-2", new=replace(new, job_id="job-2"))])
    store.claim_many([a_claim(new=new)])

    assert sorted(_ids(store, _search(keys={"order_id": "7"}))) == ["job-1", "job-2"]


def test_jobs_of_every_shard_are_found(store: SearchStore, clock: FakeClock) -> None:
    records = _failed(range(SHARDS * 20), clock)
    store.put_many(records)

    assert len(set(_ids(store, _search(State.FAILED), 30))) == len(records)
