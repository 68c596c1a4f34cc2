"""Store: a job at rest is failed by who finds that nothing can reach it, on every make of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from workerless.due import SHARDS
from workerless.errors import JobNotFoundError
from workerless.ports import Store
from workerless.record import MAX_ERRORS, Progress, Record
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record, an_error
from workerless.transition import given_up

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
LOST = an_error(0, "lost")


def stored(store: Store) -> Record:
    (record,) = store.get_many(["job-1"])
    assert record is not None
    return record


def give_up(store: Store, clock: FakeClock, idle: Record) -> Record:
    now = clock.now()
    return store.give_up(idle, at=now, reason="undeliverable", error=LOST, expires_at=now + DAY)


def test_pending_job_fails(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record()])
    idle = stored(store)
    clock.advance(SECOND)
    now = clock.now()

    ended = give_up(store, clock, idle)

    wanted = given_up(idle, at=now, reason="undeliverable", error=LOST, expires_at=now + DAY)
    assert stored(store) == wanted
    assert ended == replace(wanted, body="")
    listed = store.list(State.FAILED, job_type="send_email").records
    assert [record.job_id for record in listed] == ["job-1"]
    far = now + 9 * DAY
    assert [one for shard in range(SHARDS) for one in store.due(shard, before=far, limit=9)] == []


def test_job_whose_attempt_died_fails_and_keeps_its_last_errors(
    store: Store, clock: FakeClock
) -> None:
    store.put_many([a_record(max_attempts=9)])
    for attempt in range(1, MAX_ERRORS + 1):
        token = f"token-{attempt}"
        (claimed,) = store.claim_many([a_claim(lease=a_lease(token))])
        finish = a_finish(
            held=claimed.record, state=State.RETRYING, run_at=clock.now(), error=an_error(attempt)
        )
        store.finish_many([finish])
    dead = a_lease("dead")
    store.claim_many([a_claim(lease=dead)])

    give_up(store, clock, stored(store))

    assert [error.attempt for error in stored(store).errors] == [2, 3, 4, 5, 0]
    assert stored(store).state is State.FAILED
    assert store.finish_many([a_finish(token=dead.token)]) == [False]


def test_job_that_has_moved_since_is_left_as_it_is(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record()])
    idle = stored(store)
    clock.advance(SECOND)
    store.claim_many([a_claim(now=clock.now())])

    assert give_up(store, clock, idle).state is State.PROCESSING
    assert stored(store).state is State.PROCESSING


def test_attempt_that_told_its_progress_since_is_left_alone(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record()])
    store.claim_many([a_claim()])
    seen = stored(store)
    clock.advance(SECOND)
    store.progress("job-1", a_lease().token, Progress(percent=1), clock.now())

    assert give_up(store, clock, seen).state is State.PROCESSING


def test_giving_up_again_changes_nothing(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record()])
    idle = stored(store)
    first = give_up(store, clock, idle)
    clock.advance(SECOND)

    assert give_up(store, clock, idle) == first


@pytest.mark.parametrize("expired", [False, True])
def test_job_that_is_not_there_is_not_found(
    store: Store, clock: FakeClock, *, expired: bool
) -> None:
    if expired:
        store.put_many([a_record(state=State.PENDING, expires_at=clock.now())])

    with pytest.raises(JobNotFoundError):
        give_up(store, clock, a_record(updated_at=clock.now() - DAY))
