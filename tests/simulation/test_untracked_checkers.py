"""The promises for jobs without records, and for lean ones: each meets what it must refuse."""

from dataclasses import replace
from typing import Any

import pytest

from tests.simulation import record_checkers as record
from tests.simulation import untracked_checkers as untracked
from tests.simulation.checkers import Checker, broken
from tests.simulation.histories import ACCEPTED, CLAIM, LETTER, PENDING, rest, sent, started, wrote
from tests.simulation.history import Acknowledged, Blown, Deleted, Ended, Event, Letter, Outlived
from tests.simulation.test_checkers import a_history
from workerless.limits import MAX_DELAY
from workerless.states import State
from workerless.tracking import Tracking

COMPLETED = Ended(by="worker", job_id="job", event="job.completed")
FAILED = Ended(by="worker", job_id="job", event="job.failed")
LET_GO = Acknowledged(by="worker", job_id="job", message_id="m", record=None, others=0)
DELETED = Deleted(by="operator", job_id="job")
BLOWN = Blown(job_id="job", message_id="m", unanswered=9)


def off(*letters: Letter, **facts: Any) -> Event:
    return rest(tracking=Tracking.OFF, letters=letters, **facts)


BAD: list[tuple[Checker, tuple[Event, ...]]] = [
    (untracked.no_job_is_recorded, (CLAIM, off())),
    (untracked.every_untracked_job_ends, (ACCEPTED, started(), off())),
    (untracked.only_an_ended_job_loses_its_last_message, (started(), LET_GO, off())),
    (untracked.only_an_ended_job_loses_its_last_message, (LET_GO, COMPLETED, off())),
    (
        untracked.only_an_ended_job_loses_its_last_message,
        (replace(COMPLETED, by="another"), LET_GO, off()),
    ),
    (untracked.every_untracked_failure_has_its_letter, (FAILED, off())),
    (untracked.every_untracked_letter_is_of_a_failure, (COMPLETED, off(LETTER))),
    (untracked.attempts_are_counted_by_receives, (started(attempt=0), off())),
    (untracked.attempts_are_counted_by_receives, (started(attempt=3), off())),
    (
        untracked.no_untracked_message_outlives_its_queue,
        (Outlived(job_id="job", message_id="m"), off()),
    ),
]
FILED = replace(PENDING, state=State.FAILED, filed_from="letter", reason="rejected")
BAD += [
    (untracked.what_was_filed_goes_once_it_was_sent, (wrote("put", None, FILED), DELETED, off())),
    (
        untracked.what_was_filed_goes_once_it_was_sent,
        (sent(has_record=False), wrote("put", None, FILED), DELETED, off()),
    ),
]
PARKED = replace(PENDING, state=State.SCHEDULED, run_at=PENDING.enqueued_at + MAX_DELAY * 2)

GOOD: list[tuple[Event, ...]] = [
    (ACCEPTED, started(), COMPLETED, LET_GO, off()),
    (ACCEPTED, started(), started(), COMPLETED, LET_GO, COMPLETED, LET_GO, off()),
    (ACCEPTED, started(attempt=2), FAILED, LET_GO, off(LETTER)),
    (ACCEPTED, started(attempt=2), FAILED, LET_GO, off(wants_letters=False)),
    (ACCEPTED, replace(LET_GO, others=1), COMPLETED, LET_GO, off()),
    (ACCEPTED, BLOWN, off(Letter(job_id="job", body="", attributes={}))),
]


@pytest.mark.parametrize(
    ("checker", "events"), BAD, ids=[f"{n}-{one[0].__name__}" for n, one in enumerate(BAD)]
)
def test_bad_history_is_refused(checker: Checker, events: tuple[Event, ...]) -> None:
    assert [one for one in broken(a_history(events)) if checker.__name__ in one] != []


@pytest.mark.parametrize("events", GOOD, ids=["ends", "twice", "fails", "no letter", "two", "fuse"])
def test_good_history_is_not(events: tuple[Event, ...]) -> None:
    assert broken(a_history(events)) == []


def test_lean_job_may_be_put_to_be_parked() -> None:
    history = a_history((wrote("put", None, PARKED), rest(tracking=Tracking.LEAN)))

    assert list(record.lean_jobs_are_put_only_to_be_parked(history)) == []
