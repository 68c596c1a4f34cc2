"""Store: from where a long job goes on, whatever ends its attempts, and what that costs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from workerless.operator_ports import OperatorStore
from workerless.ports import Store
from workerless.record import Checkpoint, Record
from workerless.redrive import Edit, Redrive
from workerless.states import State
from workerless.testing.memory import FakeClock
from workerless.testing.sample import HOLDER, a_claim, a_finish, a_lease, a_record, an_error
from workerless.transition import Verdict

SECOND = timedelta(seconds=1)
LATER = timedelta(minutes=2)
OTHER = "token-2"


def _stored(store: Store) -> Record:
    (record,) = store.get_many(["job-1"])
    assert record is not None
    return record


def _at(place: int, clock: FakeClock, *, by: str = HOLDER) -> Checkpoint:
    return Checkpoint(cursor=f'{{"row":{place}}}', by=by, at=clock.now())


@pytest.fixture
def running(store: Store) -> Record:
    store.put_many([a_record()])
    (answer,) = store.claim_many([a_claim()])
    assert answer.record is not None
    return answer.record


def test_checkpoint_is_kept_while_the_token_holds(
    store: Store, clock: FakeClock, running: Record
) -> None:
    at = clock.now() + SECOND

    fenced = store.checkpoint("job-1", OTHER, _at(9, clock), at)
    kept = [store.checkpoint("job-1", HOLDER, _at(place, clock), at) for place in (1, 2)]

    assert (fenced, kept) == (False, [True, True])
    assert _stored(store) == replace(running, body="{}", checkpoint=_at(2, clock), updated_at=at)


def test_checkpoint_after_the_end_is_fenced(
    store: Store, clock: FakeClock, running: Record
) -> None:
    store.finish_many([a_finish()])

    assert not store.checkpoint("job-1", HOLDER, _at(1, clock), clock.now())
    assert not store.checkpoint("nobody", HOLDER, _at(1, clock), clock.now())
    assert _stored(store).checkpoint is None


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (State.SCHEDULED, (0, 1)),
        (State.RETRYING, (0, 1)),
        (State.FAILED, (1, 0)),
        (State.COMPLETED, (1, 0)),
    ],
)
def test_end_keeps_where_the_attempt_came_and_costs_nothing_if_another_follows(
    store: Store, clock: FakeClock, running: Record, state: State, counts: tuple[int, int]
) -> None:
    held = replace(running, checkpoint=_at(3, clock))
    run_at = clock.now() if state.is_waiting else None

    won = store.finish_many([a_finish(held=held, state=state, run_at=run_at)])

    record = _stored(store)
    assert won == [True]
    assert record.checkpoint == _at(3, clock)
    assert (record.attempt, record.continuations) == counts


def test_attempt_that_came_nowhere_is_counted(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record(checkpoint=_at(3, clock, by="earlier"), attempt=1)])
    (answer,) = store.claim_many([a_claim()])
    assert answer.record is not None

    store.finish_many(
        [a_finish(held=answer.record, state=State.RETRYING, run_at=clock.now(), error=an_error(2))]
    )

    record = _stored(store)
    assert record.checkpoint == _at(3, clock, by="earlier")
    assert (record.attempt, record.continuations) == (2, 0)


def test_who_takes_over_from_the_dead_goes_on_where_it_was_with_all_attempts(
    store: Store, clock: FakeClock
) -> None:
    store.put_many([a_record(attempt=2)])
    store.claim_many([a_claim()])  # the last attempt of three, and alone
    store.checkpoint("job-1", HOLDER, _at(5, clock), clock.now())
    clock.advance(LATER)

    lease = a_lease(OTHER, until=clock.now() + LATER)
    (answer,) = store.claim_many([a_claim(lease=lease, now=clock.now())])

    assert answer.verdict is Verdict.GRANTED
    record = _stored(store)
    assert record.checkpoint == _at(5, clock=FakeClock())
    assert (record.attempt, record.continuations) == (1, 1)


def test_who_died_where_it_began_is_given_up_at_last(store: Store, clock: FakeClock) -> None:
    store.put_many([a_record(attempt=2, checkpoint=_at(5, clock, by="earlier"))])
    store.claim_many([a_claim()])
    clock.advance(LATER)

    (answer,) = store.claim_many([a_claim(lease=a_lease(OTHER), now=clock.now())])

    assert answer.verdict is Verdict.EXHAUSTED


def test_cursor_that_went_round_often_enough_gives_nothing_back(
    store: Store, clock: FakeClock
) -> None:
    store.put_many([a_record(continuations=10_000)])
    (answer,) = store.claim_many([a_claim()])
    assert answer.record is not None
    held = replace(answer.record, checkpoint=_at(1, clock))

    store.finish_many([a_finish(held=held, state=State.RETRYING, run_at=clock.now())])

    record = _stored(store)
    assert (record.attempt, record.continuations) == (1, 10_000)


@pytest.mark.parametrize("edit", [None, Edit(body='{"to":"her"}', digest="1" * 64)])
def test_redriven_job_goes_on_where_it_was_and_an_edited_one_begins_anew(
    store: OperatorStore, clock: FakeClock, running: Record, edit: Edit | None
) -> None:
    held = replace(running, checkpoint=_at(3, clock), continuations=7)
    store.finish_many([a_finish(held=held, state=State.FAILED, error=an_error())])
    clock.advance(SECOND)
    now, seen = clock.now(), _stored(store)

    (changed,) = store.redrive_many([Redrive(seen=seen, by="me", at=now, run_at=now, edit=edit)])

    record = _stored(store)
    assert changed.is_done
    assert record.checkpoint == (None if edit else _at(3, FakeClock()))
    assert (record.attempt, record.continuations) == (0, 0)
