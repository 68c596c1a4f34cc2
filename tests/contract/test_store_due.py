"""Store: what the sweeper is led to, and how it is put off."""

from datetime import datetime, timedelta

import pytest

from workerless.due import GRACE, LEAD, SHARDS, shard_of
from workerless.errors import JobNotFoundError
from workerless.ports import Due, Postponement, Store
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.memory import FakeClock
from workerless.testing.sample import a_claim, a_finish, a_record

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FAR = START + 4_000 * DAY


def everything_due(store: Store, before: datetime = FAR) -> list[Due]:
    return [due for shard in range(SHARDS) for due in store.due(shard, before=before, limit=100)]


def test_sent_job_is_due_a_while_after_it_should_have_moved(store: Store) -> None:
    store.put_many([a_record(run_at=START + 10 * SECOND, state=State.SCHEDULED)])

    assert everything_due(store) == [Due(job_id="job-1", at=START + 10 * SECOND + GRACE)]
    assert everything_due(store, before=START + GRACE) == []


def test_parked_job_is_due_a_while_before_it_runs(store: Store) -> None:
    store.put_many([a_record(run_at=START + DAY, state=State.SCHEDULED)])

    assert everything_due(store) == [Due(job_id="job-1", at=START + DAY - LEAD)]


def test_claim_leaves_a_job_where_it_is_and_its_end_takes_it_out(store: Store) -> None:
    store.put_many([a_record()])
    before = everything_due(store)

    store.claim_many([a_claim()])
    running = everything_due(store)
    store.finish_many([a_finish()])

    assert running == before
    assert everything_due(store) == []


@pytest.mark.parametrize(
    ("wait", "due"),
    [
        (SECOND, GRACE),
        (14 * MINUTE, GRACE),
        (15 * MINUTE, 15 * MINUTE + GRACE),
        (15 * MINUTE + SECOND, 15 * MINUTE + SECOND - LEAD),
    ],
)
def test_only_a_wait_of_15_minutes_moves_a_job(
    store: Store, wait: timedelta, due: timedelta
) -> None:
    store.put_many([a_record()])
    store.claim_many([a_claim()])

    store.finish_many([a_finish(state=State.RETRYING, run_at=START + wait)])

    assert everything_due(store) == [Due(job_id="job-1", at=START + due)]


def test_jobs_of_a_shard_come_longest_due_first_up_to_the_limit(store: Store) -> None:
    ids = [name for name in (f"job-{n}" for n in range(60)) if shard_of(name) == 3]
    store.put_many(
        [a_record(name, run_at=START + n * SECOND) for n, name in enumerate(reversed(ids))]
    )

    found = store.due(3, before=FAR, limit=3)

    assert [due.job_id for due in found] == list(reversed(ids))[:3]


def test_job_is_put_off_by_one_of_two_who_found_it(store: Store) -> None:
    store.put_many([a_record()])
    (due,) = everything_due(store)

    first, second = (Postponement(due=due, until=FAR - days * DAY) for days in (1, 2))

    answers = store.postpone_many([first, second])

    assert answers == [True, False]
    assert store.postpone_many([first]) == [True]  # as one asks whose answer was lost
    assert everything_due(store) == [Due(job_id="job-1", at=FAR - DAY)]


def test_many_jobs_are_put_off_at_once(store: Store) -> None:
    store.put_many([a_record(f"job-{n}") for n in range(60)])
    found = everything_due(store)
    moves = [Postponement(due=due, until=FAR - n * SECOND) for n, due in enumerate(found)]
    store.postpone_many(moves[7:8])
    strangers = [Postponement(due=Due(job_id="nobody", at=START), until=FAR)]

    assert store.postpone_many([*moves, *strangers]) == [True] * 60 + [False]
    assert {due.job_id: due.at for due in everything_due(store)} == {
        one.job_id: one.until for one in moves
    }


def test_job_that_has_ended_cannot_be_put_off(store: Store) -> None:
    store.put_many([a_record()])
    (due,) = everything_due(store)
    store.cancel("job-1", at=START, reason="", expires_at=FAR)

    assert store.postpone_many([Postponement(due=due, until=FAR)]) == [False]
    assert everything_due(store) == []


@pytest.mark.parametrize("state", [State.PENDING, State.SCHEDULED, State.RETRYING])
def test_waiting_job_is_rescheduled(store: Store, state: State, clock: FakeClock) -> None:
    store.put_many([a_record(state=state)])
    clock.advance(SECOND)

    record = store.reschedule("job-1", run_at=START + DAY, at=clock.now())

    assert (record.state, record.run_at) == (State.SCHEDULED, START + DAY)
    assert everything_due(store) == [Due(job_id="job-1", at=START + DAY - LEAD)]


@pytest.mark.parametrize("state", [State.PROCESSING, State.COMPLETED, State.FAILED])
def test_any_other_job_is_returned_as_it_is(store: Store, state: State) -> None:
    store.put_many([a_record(state=state)])

    assert store.reschedule("job-1", run_at=FAR, at=START).run_at == START


def test_unknown_job_cannot_be_rescheduled(store: Store) -> None:
    with pytest.raises(JobNotFoundError):
        store.reschedule("nobody", run_at=FAR, at=START)


def test_put_off_may_say_that_a_message_was_sent(store: Store) -> None:
    store.put_many([a_record()])
    (due,) = everything_due(store)

    stale = Postponement(due=Due(job_id="job-1", at=START), until=FAR, sent_for=START + DAY)
    moves = [stale, Postponement(due=due, until=FAR, sent_for=START)]
    answers = [store.postpone_many([one]) for one in moves]

    (record,) = store.get_many(["job-1"])
    assert answers == [[False], [True]]
    assert record is not None
    assert record.sent_for == START
