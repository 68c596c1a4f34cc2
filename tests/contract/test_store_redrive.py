"""Store: what people decide about failed jobs, on every make of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from workerless.due import SHARDS, due_at
from workerless.operator_ports import OperatorStore
from workerless.ports import Due
from workerless.record import Progress, Record
from workerless.redrive import Changed, Dismissal, Edit, Redrive, dismissed, redriven
from workerless.retention import BODY_LIFETIME, bodiless
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record, an_error
from workerless.transition import Verdict

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
BIG = '{"text":"' + "x" * 5_000 + '"}'
EDIT = Edit(body='{"to":"her"}', digest="1" * 64)


def stored(store: OperatorStore, job_id: str = "job-1") -> Record:
    (record,) = store.get_many([job_id])
    assert record is not None
    return record


def a_failed(store: OperatorStore, clock: FakeClock, job_id: str = "job-1", **facts: Any) -> Record:
    """A job that came all the way to its end, as the store has it."""
    store.put_many([a_record(job_id, **facts)])
    (claimed,) = store.claim_many([a_claim(job_id)])
    held = claimed.record
    assert held is not None
    assert held.lease is not None
    store.progress(job_id, held.lease.token, Progress(percent=50), clock.now())
    store.remember(job_id, held.lease.token, {"charge": "1"}, clock.now())
    finish = a_finish(
        held=held,
        state=State.FAILED,
        reason="attempts_exhausted",
        error=an_error(),
        expires_at=clock.now() + 60 * DAY,
    )
    assert store.finish_many([finish]) == [True]
    clock.advance(SECOND)
    return stored(store, job_id)


def a_redrive(seen: Record, clock: FakeClock, **changes: Any) -> Redrive:
    redrive = Redrive(seen=seen, by="request-1", at=clock.now(), run_at=clock.now())
    return replace(redrive, **changes)


def a_dismissal(seen: Record, clock: FakeClock, **changes: Any) -> Dismissal:
    now = clock.now()
    dismissal = Dismissal(
        seen=seen, by="request-1", at=now, reason="spam", expires_at=now + 60 * SECOND
    )
    return replace(dismissal, **changes)


def due_in(store: OperatorStore, clock: FakeClock) -> list[Due]:
    far = clock.now() + 900 * DAY
    return [one for shard in range(SHARDS) for one in store.due(shard, before=far, limit=9)]


def listed(store: OperatorStore) -> dict[State, list[str]]:
    found = {
        state: [record.job_id for record in store.list(state, job_type="send_email").records]
        for state in State
    }
    return {state: job_ids for state, job_ids in found.items() if job_ids}


@pytest.mark.parametrize("body", ["{}", BIG])
@pytest.mark.parametrize("delay", [timedelta(0), 2 * DAY])
def test_failed_job_waits_to_run_again(
    store: OperatorStore, clock: FakeClock, body: str, delay: timedelta
) -> None:
    seen = a_failed(store, clock, body=body)
    redrive = a_redrive(seen, clock, run_at=clock.now() + delay)

    (changed,) = store.redrive_many([redrive])

    again = redriven(seen, redrive)
    assert changed == Changed(is_done=True, record=bodiless(again))
    assert stored(store) == again
    assert listed(store) == {again.state: ["job-1"]}
    assert due_in(store, clock) == [Due(job_id="job-1", at=due_at(redrive.run_at, clock.now()))]


@pytest.mark.parametrize("before", ["{}", BIG])
@pytest.mark.parametrize("after", [EDIT.body, BIG.replace("x", "y")])
def test_edited_job_has_its_new_payload(
    store: OperatorStore, clock: FakeClock, before: str, after: str
) -> None:
    seen = a_failed(store, clock, body=before)
    redrive = a_redrive(seen, clock, edit=replace(EDIT, body=after))

    (changed,) = store.redrive_many([redrive])

    assert changed.is_done
    assert stored(store) == redriven(seen, redrive)
    assert stored(store).body == after


def test_redriven_job_is_claimed_by_a_message_of_its_generation_only(
    store: OperatorStore, clock: FakeClock
) -> None:
    seen = a_failed(store, clock)
    store.redrive_many([a_redrive(seen, clock, edit=EDIT)])
    now = clock.now() + SECOND
    claim = a_claim(lease=a_lease("token-2", until=now + DAY), now=now)
    messages = [
        replace(claim, generation=1),
        replace(claim, generation=None, new=a_record()),
        replace(claim, generation=2),
    ]

    answers = [store.claim_many([one])[0] for one in messages]

    assert [one.verdict for one in answers] == [Verdict.STALE, Verdict.STALE, Verdict.GRANTED]
    assert answers[2].record is not None
    assert answers[2].record.attempt == 1


def test_redrive_asked_for_again_is_done_once(store: OperatorStore, clock: FakeClock) -> None:
    redrive = a_redrive(a_failed(store, clock), clock)
    store.redrive_many([redrive])
    now = clock.now() + SECOND
    store.claim_many([a_claim(generation=2, lease=a_lease("token-2"), now=now)])
    running = stored(store)

    (changed,) = store.redrive_many([replace(redrive, at=now, run_at=now)])

    assert changed == Changed(is_done=True, record=bodiless(running))
    assert stored(store) == running


def test_of_two_redrives_one_is_done(store: OperatorStore, clock: FakeClock) -> None:
    seen = a_failed(store, clock)

    answers = [
        store.redrive_many([a_redrive(seen, clock, by=by)])[0] for by in ("request-1", "request-2")
    ]

    assert [one.is_done for one in answers] == [True, False]
    assert stored(store).generation == 2


def test_dismissed_job_is_discarded(store: OperatorStore, clock: FakeClock) -> None:
    seen = a_failed(store, clock)
    dismissal = a_dismissal(seen, clock)

    (changed,) = store.dismiss_many([dismissal])

    ended = dismissed(seen, dismissal)
    assert changed == Changed(is_done=True, record=bodiless(ended))
    assert stored(store) == ended
    assert listed(store) == {State.DISCARDED: ["job-1"]}
    assert due_in(store, clock) == []


def test_dismissal_asked_for_again_is_done_once(store: OperatorStore, clock: FakeClock) -> None:
    dismissal = a_dismissal(a_failed(store, clock), clock)
    store.dismiss_many([dismissal])
    clock.advance(SECOND)

    answers = store.dismiss_many(
        [replace(dismissal, at=clock.now()), replace(dismissal, by="request-2")]
    )

    assert [one.is_done for one in answers] == [True, False]


def test_deleted_job_is_gone_and_may_be_deleted_again(
    store: OperatorStore, clock: FakeClock
) -> None:
    seen = a_failed(store, clock)

    answers = [store.delete_many([seen]) for _ in range(2)]

    assert answers == [[True], [True]]
    assert store.get_many(["job-1"]) == [None]
    assert listed(store) == {}


@pytest.mark.parametrize("many", [1, 3])
def test_job_that_has_moved_since_it_was_seen_is_left_alone(
    store: OperatorStore, clock: FakeClock, many: int
) -> None:
    ids = [f"job-{number}" for number in range(1, many + 1)]
    seen = [a_failed(store, clock, job_id) for job_id in ids]
    store.redrive_many([a_redrive(one, clock) for one in seen])
    others = [stored(store, job_id) for job_id in ids]
    late = [a_redrive(one, clock, by="request-2") for one in seen]

    redrives = store.redrive_many(late)
    dismissals = store.dismiss_many([a_dismissal(one, clock) for one in seen])
    deletions = store.delete_many(seen)

    left_alone = [Changed(is_done=False, record=bodiless(one)) for one in others]
    assert (redrives, dismissals) == (left_alone, left_alone)
    assert deletions == [False] * many
    assert [stored(store, job_id) for job_id in ids] == others


@pytest.mark.parametrize("many", [1, 3])
def test_job_that_is_gone_is_not_found(store: OperatorStore, clock: FakeClock, many: int) -> None:
    ids = [f"job-{number}" for number in range(1, many + 1)]
    seen = a_failed(store, clock)
    store.delete_many([seen])
    gone = [replace(seen, job_id=job_id) for job_id in ids]

    redrives = store.redrive_many([a_redrive(one, clock) for one in gone])
    dismissals = store.dismiss_many([a_dismissal(one, clock) for one in gone])

    assert [*redrives, *dismissals] == [Changed(is_done=False, record=None)] * 2 * many
    assert store.get_many(ids) == [None] * many


def test_job_past_its_time_is_gone_deleted_or_not(store: OperatorStore, clock: FakeClock) -> None:
    seen = a_failed(store, clock)
    clock.advance(61 * DAY)

    (redrive,) = store.redrive_many([a_redrive(seen, clock)])
    (dismissal,) = store.dismiss_many([a_dismissal(seen, clock)])

    assert redrive == dismissal == Changed(is_done=False, record=None)
    assert store.get_many(["job-1"]) == [None]
    assert store.delete_many([seen]) == [True]


def test_another_job_under_the_id_is_left_alone(store: OperatorStore, clock: FakeClock) -> None:
    seen = replace(a_failed(store, clock), digest="2" * 64)

    (redrive,) = store.redrive_many([a_redrive(seen, clock)])
    (dismissal,) = store.dismiss_many([a_dismissal(seen, clock)])

    assert not redrive.is_done
    assert not dismissal.is_done
    assert store.delete_many([seen]) == [False]
    assert stored(store).state is State.FAILED


@pytest.mark.parametrize("change", [{"updated_at": START + DAY}, {"filed_from": "letter-2"}])
def test_another_life_of_the_job_that_failed_alike_is_left_alone(
    store: OperatorStore, clock: FakeClock, change: dict[str, Any]
) -> None:
    before = replace(a_failed(store, clock), filed_from="letter-1")
    store.delete_many([stored(store)])
    store.put_many([before])
    seen = stored(store)
    store.delete_many([seen])
    store.put_many([replace(seen, **change)])

    (redrive,) = store.redrive_many([a_redrive(seen, clock)])
    (dismissal,) = store.dismiss_many([a_dismissal(seen, clock)])

    assert (redrive.is_done, dismissal.is_done) == (False, False)
    assert store.delete_many([seen]) == [False]
    assert stored(store).state is State.FAILED


def test_many_jobs_are_decided_about_at_once(store: OperatorStore, clock: FakeClock) -> None:
    ids = [f"job-{number}" for number in range(60)]
    seen = [a_failed(store, clock, job_id) for job_id in ids]

    redrives = store.redrive_many([a_redrive(one, clock) for one in seen[:30]])
    dismissals = store.dismiss_many([a_dismissal(one, clock) for one in seen[30:59]])
    deletions = store.delete_many(seen[59:])

    assert all(one.is_done for one in [*redrives, *dismissals])
    assert deletions == [True]
    states = [record and record.state for record in store.get_many(ids)]
    assert states == [State.PENDING] * 30 + [State.DISCARDED] * 29 + [None]


@pytest.mark.parametrize("body", ["{}", BIG])
def test_body_of_a_job_redriven_late_lives_as_long_as_that_of_a_new_one(
    store: OperatorStore, clock: FakeClock, body: str
) -> None:
    seen = a_failed(store, clock, body=body)
    clock.advance(BODY_LIFETIME + DAY)

    store.redrive_many([a_redrive(seen, clock)])

    clock.advance(BODY_LIFETIME - DAY)
    assert stored(store).body == body
