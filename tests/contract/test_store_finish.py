"""Store: finishes and progress, and who may write them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from workerless.ports import Store
from workerless.record import MAX_ERRORS, Progress, Record
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.memory import FakeClock
from workerless.testing.sample import HOLDER, a_claim, a_finish, a_lease, a_record, an_error
from workerless.transition import Verdict, finished

SECOND = timedelta(seconds=1)
OTHER = "token-2"
DAY = timedelta(days=1)
START_OVER = START + DAY * 9


@pytest.fixture
def running(store: Store) -> Record:
    """The record of a running job, held by ``a_lease()``."""
    store.put_many([a_record()])
    store.claim_many([a_claim()])
    return _stored(store)


def _stored(store: Store) -> Record:
    (record,) = store.get_many(["job-1"])
    assert record is not None
    return record


@pytest.mark.parametrize(
    "changes",
    [
        {"state": State.COMPLETED, "result": '{"sent": true}'},
        {"state": State.FAILED, "reason": "gave_up", "error": an_error()},
        {"state": State.DISCARDED, "reason": "too late"},
        {"state": State.RETRYING, "error": an_error()},
        {"state": State.SCHEDULED, "refund": True},
        {"state": State.RETRYING, "refund": True},
    ],
)
@pytest.mark.parametrize("later", [None, 90])
def test_finish_writes_what_the_transition_says(
    store: Store,
    clock: FakeClock,
    running: Record,
    changes: dict[str, Any],
    later: int | None,
) -> None:
    finish = a_finish(
        at=clock.now() + SECOND,
        run_at=clock.now() + later * SECOND if later else None,
        expires_at=clock.now() + DAY,
        **changes,
    )

    done = store.finish_many([finish])

    assert done == [True]
    assert _stored(store) == finished(running, finish)


def test_finish_repeated_after_a_lost_answer_wins_once(store: Store, running: Record) -> None:
    finish = a_finish(state=State.RETRYING, error=an_error())

    assert store.finish_many([finish, finish]) == [True, True]
    assert _stored(store) == finished(running, finish)


def test_finish_of_another_attempt_is_fenced(store: Store, running: Record) -> None:
    assert store.finish_many([a_finish(token=OTHER)]) == [False]
    assert _stored(store) == running


def test_finish_that_contradicts_the_one_before_is_fenced(store: Store, running: Record) -> None:
    done = store.finish_many([a_finish(), a_finish(state=State.FAILED, reason="no")])

    assert done == [True, False]
    assert _stored(store).state is State.COMPLETED


def test_finish_of_a_job_that_never_ran_is_fenced(store: Store) -> None:
    store.put_many([a_record()])

    assert store.finish_many([a_finish(), a_finish("nobody")]) == [False, False]


def test_illegal_finish_is_refused(store: Store, running: Record) -> None:
    with pytest.raises(ValueError, match="cannot go from processing to pending"):
        store.finish_many([a_finish(state=State.PENDING)])


def test_last_errors_are_kept(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record(max_attempts=9)])
    for attempt in range(1, MAX_ERRORS + 4):
        token = f"token-{attempt}"
        held = store.claim_many([a_claim(lease=a_lease(token))])[0].record
        retry = a_finish(
            held=held, state=State.RETRYING, run_at=clock.now(), error=an_error(attempt)
        )
        assert store.finish_many([retry, retry]) == [True, True]

    kept = [error.attempt for error in _stored(store).errors]

    assert kept == [4, 5, 6, 7, 8]


def test_finish_keeps_an_error_text_no_utf8_can_hold(store: Store, running: Record) -> None:
    error = an_error(message="\x00\x1b[31m\ud800 ☃")

    done = store.finish_many([a_finish(state=State.FAILED, reason="\udfff", error=error)])

    assert done == [True]
    assert _stored(store).errors[0].message.startswith("\x00\x1b[31m")


def test_progress_is_noted_while_the_token_holds(
    store: Store, clock: FakeClock, running: Record
) -> None:
    progress = Progress(percent=50.0, step="resize", meta={"state": "half"})
    at = clock.now() + SECOND

    fenced = store.progress("job-1", OTHER, progress, at)
    noted = store.progress("job-1", HOLDER, progress, at)

    assert (fenced, noted) == (False, True)
    assert _stored(store) == replace(running, progress=progress, updated_at=at)


def test_steps_are_kept_while_the_token_holds(
    store: Store, clock: FakeClock, running: Record
) -> None:
    steps = {"charge": '"ch_1"', "☃": "{}"}
    at = clock.now() + SECOND

    fenced = store.remember("job-1", OTHER, {"charge": "1"}, at)
    kept = [store.remember("job-1", HOLDER, one, at) for one in ({"a": "1"}, steps)]

    assert (fenced, kept) == (False, [True, True])
    assert _stored(store) == replace(running, steps=steps, updated_at=at)


def test_steps_are_there_for_the_next_attempt(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record()])
    store.claim_many([a_claim()])
    store.remember("job-1", HOLDER, {"a": "1"}, clock.now())
    store.finish_many([a_finish(state=State.RETRYING, run_at=clock.now(), error=an_error())])

    (claimed,) = store.claim_many([a_claim(lease=a_lease("token-2"))])

    assert claimed.record is not None
    assert dict(claimed.record.steps) == {"a": "1"}


def test_steps_after_the_end_are_fenced(store: Store, clock: FakeClock, running: Record) -> None:
    store.finish_many([a_finish()])

    assert not store.remember("job-1", HOLDER, {"a": "1"}, clock.now())
    assert not store.remember("nobody", HOLDER, {"a": "1"}, clock.now())
    assert dict(_stored(store).steps) == {}


def test_held_job_waits_for_a_person_and_for_nobody_else(
    store: Store, clock: FakeClock, running: Record
) -> None:
    held = a_finish(state=State.HELD, reason="unknown_outcome", refund=True)
    far = clock.now() + DAY * 100

    assert store.finish_many([held]) == [True]

    assert _stored(store) == finished(running, held)
    assert [due for shard in range(8) for due in store.due(shard, before=far, limit=9)] == []
    (met,) = store.claim_many([a_claim(lease=a_lease(OTHER), now=far)])
    assert met.verdict is Verdict.ENDED
    (found,) = store.list(State.HELD, job_type="send_email").records
    assert found.job_id == "job-1"


def test_held_job_that_is_rescheduled_waits_as_any_other(
    store: Store, clock: FakeClock, running: Record
) -> None:
    store.finish_many([a_finish(state=State.HELD, reason="unknown_outcome", refund=True)])

    record = store.reschedule("job-1", run_at=clock.now(), at=clock.now())

    assert (record.state, record.reason, record.attempt) == (State.SCHEDULED, None, 0)
    (met,) = store.claim_many([a_claim(lease=a_lease(OTHER))])
    assert met.verdict is Verdict.GRANTED


def test_held_job_can_be_cancelled(store: Store, clock: FakeClock, running: Record) -> None:
    store.finish_many([a_finish(state=State.HELD, reason="unknown_outcome", refund=True)])

    record = store.cancel("job-1", at=clock.now(), reason="done by hand", expires_at=START_OVER)

    assert (record.state, record.reason) == (State.CANCELLED, "done by hand")


def test_claim_that_does_not_take_over_leaves_a_dead_attempt(
    store: Store, clock: FakeClock, running: Record
) -> None:
    later = clock.now() + DAY
    claim = a_claim(lease=a_lease(OTHER, until=later + DAY), now=later, takes_over=False)

    (met,) = store.claim_many([claim])

    assert met.verdict is Verdict.DIED
    assert _stored(store) == running


def test_progress_after_the_end_is_fenced(store: Store, clock: FakeClock, running: Record) -> None:
    store.finish_many([a_finish()])

    assert not store.progress("job-1", HOLDER, Progress(percent=99), clock.now())
    assert not store.progress("nobody", HOLDER, Progress(percent=99), clock.now())
    assert _stored(store).progress is None
