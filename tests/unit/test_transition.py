"""The protocol's pure functions, where the contract suites do not look."""

from datetime import timedelta
from typing import Any

import pytest

from workerless.record import MAX_ERRORS, Progress, Record
from workerless.running import progressed
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.sample import a_claim, a_finish, a_lease, a_record, an_error
from workerless.transition import (
    Claim,
    Verdict,
    cancelled,
    claimed,
    finished,
    is_finished_by,
    judge,
    may_finish,
)

SECOND = timedelta(seconds=1)
LATE = START + timedelta(minutes=1)
OVER = a_record(state=State.COMPLETED, attempt=3, expires_at=LATE)


@pytest.mark.parametrize(
    ("record", "claim", "verdict"),
    [
        (None, a_claim(), Verdict.MISSING),
        (None, a_claim(new=a_record()), Verdict.GRANTED),
        (a_record(job_type="other"), a_claim(), Verdict.MISSING),
        (a_record(generation=2), a_claim(generation=1), Verdict.STALE),
        (a_record(generation=1), a_claim(generation=2), Verdict.GRANTED),
        (a_record(generation=2, state=State.FAILED), a_claim(generation=1), Verdict.STALE),
        (a_record(state=State.FAILED), a_claim(), Verdict.ENDED),
        (a_record(run_at=START + SECOND), a_claim(), Verdict.GRANTED),
        (a_record(state=State.SCHEDULED, run_at=START + SECOND), a_claim(), Verdict.EARLY),
        (a_record(), a_claim(new=a_record(digest="1" * 64)), Verdict.TAKEN),
        (a_record(job_type="other"), a_claim(new=a_record()), Verdict.TAKEN),
        (OVER, a_claim(now=LATE), Verdict.ENDED),
        (OVER, a_claim(now=LATE - SECOND, new=a_record()), Verdict.ENDED),
        (OVER, a_claim(now=LATE, new=a_record()), Verdict.GRANTED),
        (OVER, a_claim(now=LATE, new=a_record(digest="1" * 64)), Verdict.GRANTED),
        (a_record(run_at=START), a_claim(), Verdict.GRANTED),
        (a_record(state=State.PROCESSING), a_claim(), Verdict.GRANTED),
        (a_record(state=State.PROCESSING, lease=a_lease("other")), a_claim(), Verdict.LEASED),
        (a_record(state=State.PROCESSING, lease=a_lease()), a_claim(now=LATE), Verdict.GRANTED),
    ],
)
def test_claim_meets(record: Record | None, claim: Claim, verdict: Verdict) -> None:
    assert judge(record, claim) is verdict


def test_claim_on_nothing_needs_a_new_record() -> None:
    with pytest.raises(ValueError, match="no record and none to make for job job-1"):
        claimed(None, a_claim())


def test_new_job_knows_nothing_of_one_that_is_past_its_time() -> None:
    claim = a_claim(now=LATE, new=a_record())

    assert claimed(OVER, claim) == claimed(None, claim)


def test_own_claim_changes_nothing_when_granted_again() -> None:
    record = claimed(a_record(), a_claim())

    assert claimed(record, a_claim(now=LATE)) is record


@pytest.mark.parametrize(("alone", "attempt"), [(True, 3), (False, 2)])
def test_death_counts_only_when_the_attempt_was_alone(*, alone: bool, attempt: int) -> None:
    dead = a_record(state=State.PROCESSING, attempt=2, lease=a_lease("dead", alone=alone))

    assert claimed(dead, a_claim(now=LATE)).attempt == attempt


def test_snooze_gives_the_attempt_back() -> None:
    running = claimed(a_record(), a_claim())

    snoozed = finished(running, a_finish(state=State.SCHEDULED, run_at=LATE, refund=True))

    assert (snoozed.attempt, snoozed.run_at, snoozed.finished_at) == (0, LATE, None)


def test_first_start_is_noted_once_a_second_is_certain() -> None:
    first = claimed(a_record(), a_claim())
    retried = finished(first, a_finish(held=first, state=State.RETRYING, run_at=LATE))
    second = claimed(retried, a_claim(lease=a_lease("token-2"), now=LATE))
    taken_over = claimed(first, a_claim(lease=a_lease("token-2"), now=LATE))

    assert (first.first_started_at, first.started_at) == (None, START)
    assert finished(first, a_finish(held=first)).first_started_at is None
    for again in (second, taken_over):
        assert (again.first_started_at, again.started_at) == (START, LATE)


def test_start_without_a_handler_is_forgotten() -> None:
    refused: dict[str, Any] = {
        "state": State.RETRYING,
        "run_at": LATE,
        "refund": True,
        "began": False,
    }
    first = claimed(a_record(), a_claim())
    never = finished(first, a_finish(held=first, **refused))
    second = claimed(never, a_claim(lease=a_lease("token-2"), now=LATE))
    ran = finished(second, a_finish(held=second, state=State.RETRYING, run_at=LATE))
    third = claimed(ran, a_claim(lease=a_lease("token-3"), now=LATE + SECOND))
    again = finished(third, a_finish(held=third, **refused))

    assert (never.first_started_at, never.started_at) == (None, None)
    assert (second.first_started_at, second.started_at) == (None, LATE)
    assert (again.first_started_at, again.started_at) == (LATE, None)


def test_finish_leaves_the_lease_as_its_signature() -> None:
    finish = a_finish(state=State.FAILED, reason="no")

    record = finished(claimed(a_record(), a_claim()), finish)

    assert record.lease == a_lease()
    assert is_finished_by(record, finish)
    assert not may_finish(record, finish)


def test_finish_is_not_taken_for_another() -> None:
    record = finished(claimed(a_record(), a_claim()), a_finish())

    assert not is_finished_by(record, a_finish(state=State.FAILED))
    assert not is_finished_by(record, a_finish(token="other" * 2))
    assert not is_finished_by(None, a_finish())
    assert not may_finish(None, a_finish())


def test_only_the_last_errors_are_kept() -> None:
    before = tuple(an_error(attempt) for attempt in range(MAX_ERRORS))
    running = claimed(a_record(errors=before), a_claim())

    record = finished(running, a_finish(held=running, state=State.RETRYING, error=an_error(99)))

    assert record.errors == (*before[1:], an_error(99))


def test_result_and_run_at_stay_unless_given() -> None:
    running = claimed(a_record(result="1"), a_claim())

    kept = finished(running, a_finish())
    replaced = finished(running, a_finish(result="2"))

    assert (kept.result, replaced.result) == ("1", "2")
    assert kept.run_at == running.run_at


def test_illegal_finish_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot go from processing to pending"):
        finished(claimed(a_record(), a_claim()), a_finish(state=State.PENDING))


def test_progress_is_a_sign_of_life() -> None:
    running = claimed(a_record(), a_claim())

    record = progressed(running, Progress(percent=10), LATE)

    assert (record.progress, record.updated_at) == (Progress(percent=10), LATE)


def test_cancelled_job_has_ended() -> None:
    record = cancelled(a_record(), at=LATE, reason="no", expires_at=LATE + SECOND)

    assert record.state is State.CANCELLED
    assert (record.finished_at, record.reason) == (LATE, "no")
