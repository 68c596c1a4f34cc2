"""Store: creating, reading and cancelling records."""

from dataclasses import replace
from datetime import timedelta

import pytest

from workerless.errors import JobNotFoundError
from workerless.limits import MAX_BODY_BYTES
from workerless.ports import Store
from workerless.record import Progress
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record, an_error

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def test_put_record_is_read_back_whole(store: Store, clock: FakeClock) -> None:
    record = a_record(
        state=State.FAILED,
        body='{"specversion": "1.0"}',
        attempt=2,
        lease=a_lease(),
        first_started_at=clock.now(),
        started_at=clock.now() + SECOND,
        finished_at=clock.now() + 2 * SECOND,
        progress=Progress(percent=12.5, step="crop", meta={"of": [1, None, {"x": 1e-200}]}),
        result='{"a": 1}',
        reason="gave_up",
        errors=(an_error(1), an_error(2, "naïve \x00 ☃")),
        tenant="acme",
        correlation_id="c-1",
        parent_id="p-1",
        expires_at=clock.now() + DAY,
    )

    (put,) = store.put_many([record])

    assert put.created
    assert put.record == record
    assert store.get_many([record.job_id]) == [record]


def test_put_is_refused_where_the_id_is_taken(store: Store) -> None:
    store.put_many([a_record(digest="a" * 64, body="first")])

    first, second = store.put_many([a_record(digest="b" * 64), a_record("job-2")])

    assert not first.created
    assert first.record == a_record(digest="a" * 64, body="")
    assert second.created


@pytest.mark.parametrize("size", [0, 10, 500, 900, 1_100, 100_000, MAX_BODY_BYTES])
def test_body_of_any_size_is_read_back(store: Store, size: int) -> None:
    record = a_record(body="x" * size)

    store.put_many([record, a_record("job-2", body="small")])

    assert store.get_many(["job-1", "job-2"]) == [record, a_record("job-2", body="small")]


def test_body_beyond_the_limit_is_left_out(store: Store) -> None:
    record = a_record(body="☃" * (MAX_BODY_BYTES // 3 + 1))

    store.put_many([record])

    assert store.get_many(["job-1"]) == [replace(record, body="")]


def test_refused_put_leaves_the_body_of_the_other_payload(store: Store) -> None:
    record = a_record(digest="a" * 64, body="first" * 1_000)
    store.put_many([record])

    store.put_many([a_record(digest="b" * 64, body="second" * 1_000)])

    assert store.get_many(["job-1"]) == [record]


def test_only_get_many_returns_bodies(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record(body="here"), a_record("job-2", body="here")])

    claimed = store.claim_many([a_claim()])[0].record
    cancelled = store.cancel("job-2", at=clock.now(), reason="no", expires_at=clock.now() + DAY)
    listed = store.list(State.CANCELLED, job_type="send_email").records

    assert claimed
    assert [claimed.body, cancelled.body, *(record.body for record in listed)] == ["", "", ""]
    assert [record.body for record in store.get_many(["job-1", "job-2"]) if record] == ["here"] * 2


def test_many_are_read_in_the_order_asked_for(store: Store) -> None:
    ids = [f"job-{number}" for number in range(120)]
    store.put_many([a_record(job_id) for job_id in ids])

    found = store.get_many([*reversed(ids), "nobody", "job-7", "job-7"])

    names = [record.job_id if record else None for record in found]
    assert names == [*reversed(ids), None, "job-7", "job-7"]


def test_nothing_is_asked_and_nothing_answered(store: Store) -> None:
    assert store.put_many([]) == []
    assert store.get_many([]) == []
    assert store.claim_many([]) == []
    assert store.finish_many([]) == []


def test_expired_record_is_gone_for_readers(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record(expires_at=clock.now() + SECOND, state=State.COMPLETED)])

    clock.advance(SECOND)

    assert store.get_many(["job-1"]) == [None]
    assert store.list(State.COMPLETED, job_type="send_email").records == ()


def test_expired_record_makes_room_for_a_new_one(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record(expires_at=clock.now() + SECOND, state=State.COMPLETED)])
    clock.advance(SECOND)

    (put,) = store.put_many([a_record(digest="b" * 64)])

    assert put.created
    assert store.get_many(["job-1"]) == [a_record(digest="b" * 64)]


@pytest.mark.parametrize("state", [State.SCHEDULED, State.PENDING, State.RETRYING])
def test_waiting_job_is_cancelled(store: Store, clock: FakeClock, state: State) -> None:
    store.put_many([a_record(state=state)])
    clock.advance(SECOND)
    at, until = clock.now(), clock.now() + DAY

    record = store.cancel("job-1", at=at, reason="changed my mind", expires_at=until)

    assert record == a_record(
        state=State.CANCELLED,
        body="",
        reason="changed my mind",
        updated_at=at,
        finished_at=at,
        expires_at=until,
    )
    assert store.get_many(["job-1"]) == [replace(record, body="{}")]


@pytest.mark.parametrize("state", [State.COMPLETED, State.FAILED, State.DISCARDED, State.CANCELLED])
def test_job_that_has_ended_is_not_cancelled(store: Store, clock: FakeClock, state: State) -> None:
    store.put_many([a_record(state=state, lease=a_lease())])

    record = store.cancel("job-1", at=clock.now(), reason="no", expires_at=clock.now() + DAY)

    assert record == a_record(state=state, lease=a_lease(), body="")


def test_running_job_is_asked_to_end_and_its_attempt_can_tell(
    store: Store, clock: FakeClock
) -> None:
    store.put_many([a_record()])
    clock.advance(SECOND)
    (claimed,) = store.claim_many([a_claim(now=clock.now())])
    later = {"at": clock.now() + SECOND, "expires_at": clock.now() + DAY}

    before = store.why_cancelled("job-1", "token-1")
    asked = store.cancel("job-1", reason="no use", **later)
    again = store.cancel("job-1", reason="another word", **later)

    assert claimed.record
    assert before is None
    assert asked == again == replace(claimed.record, cancel_reason="no use")
    assert store.why_cancelled("job-1", "token-1") == "no use"
    assert store.why_cancelled("job-1", "token-2") is None
    assert store.why_cancelled("nobody", "token-1") is None


def test_job_that_was_asked_to_end_may_end_in_its_own_way(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record("job-1"), a_record("job-2")])
    clock.advance(SECOND)
    held = [
        one.record
        for one in store.claim_many([a_claim(one, now=clock.now()) for one in ("job-1", "job-2")])
    ]
    until = clock.now() + DAY
    for job_id in ("job-1", "job-2"):
        store.cancel(job_id, at=clock.now(), reason="no use", expires_at=until)

    done = store.finish_many(
        [
            a_finish("job-1", held=held[0], at=clock.now(), expires_at=until),
            a_finish(
                "job-2",
                held=held[1],
                at=clock.now(),
                state=State.CANCELLED,
                reason="no use",
                expires_at=until,
            ),
        ]
    )

    assert done == [True, True]
    ended = [one for one in store.get_many(["job-1", "job-2"]) if one]
    assert [one.state for one in ended] == [State.COMPLETED, State.CANCELLED]
    assert store.list(State.CANCELLED, job_type="send_email").records[0].reason == "no use"
    assert store.why_cancelled("job-1", "token-1") is None


def test_job_told_to_run_later_may_begin_later_and_one_that_is_woken_may_not(
    store: Store, clock: FakeClock
) -> None:
    store.put_many(
        [a_record(state=State.RETRYING, cancel_reason="no use", start_by=clock.now() + DAY)]
    )

    early = store.reschedule("job-1", run_at=clock.now() + SECOND, at=clock.now())
    woken = store.reschedule("job-1", run_at=clock.now() + DAY, at=clock.now() + DAY)
    late = store.reschedule("job-1", run_at=clock.now() + DAY, at=clock.now())

    assert {one.cancel_reason for one in (early, woken, late)} == {"no use"}
    assert early.start_by == woken.start_by == clock.now() + DAY
    assert late.start_by is None


def test_job_without_a_record_cannot_be_cancelled(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record(expires_at=clock.now())])

    for job_id in ("job-1", "nobody"):
        with pytest.raises(JobNotFoundError, match=job_id):
            store.cancel(job_id, at=clock.now(), reason="no", expires_at=clock.now() + DAY)
