"""Store: jobs are found by the exact value of a search key, if they are there and have it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from workerless.operator_ports import OperatorStore
from workerless.redrive import Edit, Redrive
from workerless.search import Listed, Search
from workerless.search_key import key_digest
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_record

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


def test_job_found_by_key_is_there_and_has_the_value(
    store: OperatorStore, clock: FakeClock
) -> None:
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
    store: OperatorStore, clock: FakeClock
) -> None:
    old = a_record(search_keys={"order_id": key_digest("7")}, expires_at=clock.now() + DAY)
    store.put_many([old])
    clock.advance(2 * DAY)
    store.put_many([a_record(search_keys={"order_id": key_digest("8")}, enqueued_at=clock.now())])

    assert _ids(store, _search(keys={"order_id": "7"})) == []
    assert _ids(store, _search(keys={"order_id": "8"})) == ["job-1"]


def test_edited_job_is_found_by_what_its_payload_says_now(
    store: OperatorStore, clock: FakeClock
) -> None:
    store.put_many([a_record(state=State.FAILED, search_keys={"order_id": key_digest("7")})])
    (seen,) = store.get_many(["job-1"])
    assert seen is not None
    edit = Edit(body='{"x":1}', digest="1" * 64, search_keys={"order_id": key_digest("8")})

    store.redrive_many([Redrive(seen=seen, by="me", at=clock.now(), run_at=clock.now(), edit=edit)])

    assert _ids(store, _search(keys={"order_id": "7"})) == []
    assert _ids(store, _search(keys={"order_id": "8"})) == ["job-1"]
    assert _rows(store, _search(State.FAILED)) == []


@pytest.mark.parametrize("body", ["{}", "x" * 5_000])
def test_job_that_came_without_a_record_is_found_once_it_started(
    store: OperatorStore, body: str
) -> None:
    new = a_record(body=body, search_keys={"order_id": key_digest("7")})
    store.claim_many([a_claim(new=new), a_claim("job-2", new=replace(new, job_id="job-2"))])
    store.claim_many([a_claim(new=new)])

    assert sorted(_ids(store, _search(keys={"order_id": "7"}))) == ["job-1", "job-2"]
