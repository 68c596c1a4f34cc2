"""A checker that never finds anything proves nothing: each meets a history that it must refuse."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.simulation import checkpoint_histories, decision_histories
from tests.simulation import message_checkers as message
from tests.simulation import queue_checkers as queue
from tests.simulation import record_checkers as record
from tests.simulation.checkers import WITH_SWEEPER, WITHOUT_SWEEPER, Checker, broken
from tests.simulation.histories import (
    ACCEPTED,
    CLAIM,
    COMPLETED,
    CRASHED,
    FAILED,
    FILED,
    FINISH,
    HOOKED,
    LATER,
    LETTER,
    LOST,
    MOVED,
    PENDING,
    REFERRED,
    RETRYING,
    RUNNING,
    SENT,
    TAKEN,
    TAKEN_OVER,
    acknowledged,
    rest,
    running,
    sent,
    started,
    wrote,
)
from tests.simulation.history import (
    Accepted,
    Blown,
    Erased,
    Event,
    History,
    Outlived,
    Raised,
    Repeated,
)
from workerless.states import State
from workerless.testing.clock import START
from workerless.tracking import Tracking

BAD: list[tuple[Checker, tuple[Event, ...]]] = [
    (record.no_job_completes_twice, (FINISH, FINISH)),
    (record.only_allowed_transitions, (wrote("finish", COMPLETED, RETRYING),)),
    (record.only_allowed_transitions, (wrote("put", None, COMPLETED),)),
    (record.only_allowed_transitions, (wrote("progress", RUNNING, COMPLETED),)),
    (
        record.what_a_job_is_never_changes,
        (wrote("claim", PENDING, replace(RUNNING, digest="other")),),
    ),
    (record.attempts_stay_within_their_limit, (wrote("claim", RETRYING, running(attempt=3)),)),
    (record.attempts_stay_within_their_limit, (started(attempt=3),)),
    (record.attempts_are_counted_as_documented, (wrote("claim", RETRYING, running(attempt=1)),)),
    (
        record.attempts_are_counted_as_documented,
        (wrote("finish", RUNNING, replace(RUNNING, state=State.SCHEDULED)),),
    ),
    (
        record.attempts_are_counted_as_documented,
        (wrote("claim", running(alone=False), running("two", attempt=2)),),
    ),
    (record.starts_are_bounded, (started(), started())),
    (record.starts_are_bounded, tuple(started(under=lease) for lease in ("one", "two", "three"))),
    (
        record.who_takes_over_from_company_is_alone,
        (wrote("claim", running(alone=False), running("two", alone=False)),),
    ),
    (
        record.only_who_was_alone_is_blamed_for_a_crash,
        (wrote("finish", running(attempt=2, alone=False), CRASHED),),
    ),
    (
        record.only_who_was_alone_is_blamed_for_a_crash,
        (wrote("finish", RUNNING, replace(CRASHED, attempt=1)),),
    ),
    (
        record.what_nobody_knows_is_not_repeated,
        (wrote("claim", RUNNING, TAKEN_OVER), rest(TAKEN_OVER, repeats_the_unknown=False)),
    ),
    (record.no_live_lease_is_taken, (wrote("claim", RUNNING, running("two", attempt=2)),)),
    (
        record.no_job_runs_before_its_time,
        (wrote("claim", replace(RETRYING, run_at=LATER), running(attempt=2)),),
    ),
    (record.only_the_holder_of_the_lease_writes, (wrote("finish", TAKEN_OVER, COMPLETED),)),
    (record.only_the_holder_of_the_lease_writes, (wrote("progress", TAKEN_OVER, TAKEN_OVER),)),
    (
        record.who_repeats_a_write_learns_that_it_won,
        (Repeated(by="worker", call="claim", job_id="job", is_won=False),),
    ),
    (record.hooks_are_called_once_a_transition, (FINISH, HOOKED, HOOKED)),
    (record.hooks_are_called_once_a_transition, (HOOKED,)),
    (
        record.lean_jobs_are_put_only_to_be_parked,
        (wrote("put", None, PENDING), rest(tracking=Tracking.LEAN)),
    ),
    (message.nothing_unexpected_is_raised, (Raised(by="worker", error="ValueError()"),)),
    (message.the_world_comes_to_rest, (rest(is_quiet=False),)),
    (message.an_acknowledged_message_is_needed_no_more, (acknowledged(RUNNING),)),
    (message.an_acknowledged_message_is_needed_no_more, (acknowledged(None),)),
    (message.records_come_before_their_messages, (sent(has_record=False),)),
    (
        message.waiting_never_blows_a_fuse,
        (Blown(job_id="job", message_id="m", unanswered=1),),
    ),
    (
        message.no_message_outlives_its_queue,
        (Outlived(job_id="job", message_id="m"), rest(RETRYING)),
    ),
    (message.an_acknowledged_message_is_needed_no_more, (acknowledged(RETRYING),)),
    (message.every_job_ends, (rest(RETRYING),)),
    (message.every_job_ends, (ACCEPTED, rest())),
    (message.every_accepted_job_ends_or_needs_a_sweeper, (ACCEPTED, rest(RETRYING))),
    (message.every_accepted_job_ends_or_needs_a_sweeper, (ACCEPTED, rest())),
    (
        message.no_message_outlives_its_queue,
        (Outlived(job_id="job", message_id="m", is_letter=True), rest(FAILED)),
    ),
    (message.every_letter_has_a_reason, (rest(FAILED, letters=(MOVED,)),)),
    (message.every_letter_has_a_reason, (rest(COMPLETED, letters=(LETTER,)),)),
    (record.only_jobs_at_rest_are_given_up, (wrote("give up", RUNNING, FAILED),)),
    (message.every_failed_job_has_its_letter, (rest(FAILED),)),
    (message.every_failed_job_has_its_letter, (rest(FAILED, letters=(TAKEN,)),)),
    (message.every_letter_says_why, (rest(CRASHED, letters=(LETTER,)),)),
    (message.every_letter_says_why, (rest(letters=(LETTER,)),)),
    (message.every_letter_says_why, (rest(COMPLETED, letters=(replace(TAKEN, body=SENT),)),)),
    (message.payloads_are_read_as_they_were_sent, (started(text="other"), rest(COMPLETED))),
    (
        message.payloads_are_read_as_they_were_sent,
        (ACCEPTED, rest(replace(COMPLETED, body='{"text":"other"}'))),
    ),
    (
        message.results_are_those_of_their_jobs,
        (rest(replace(COMPLETED, result='{"text":"other"}')),),
    ),
    (queue.the_queue_loses_nothing, (ACCEPTED, rest(RETRYING))),
    (queue.the_queue_repeats_and_invents_nothing, (ACCEPTED, FINISH, FINISH, rest(COMPLETED))),
    (queue.the_queue_repeats_and_invents_nothing, (FINISH, rest(COMPLETED))),
    (message.results_are_those_of_their_jobs, (rest(replace(COMPLETED, result=FILED)),)),
    (
        message.results_are_those_of_their_jobs,
        (rest(replace(COMPLETED, result=FILED), files={FILED.key: b'{"text":"se'}),),
    ),
    (
        message.payloads_run_byte_by_byte_as_they_were_sent,
        (started(text="other"), rest(COMPLETED)),
    ),
    (message.only_lost_payloads_are_missed, (rest(replace(FAILED, reason="payload_missing")),)),
]

GOOD: list[tuple[Event, ...]] = [
    (
        ACCEPTED,
        wrote("put", None, PENDING),
        sent(has_record=True),
        CLAIM,
        started(),
        FINISH,
        HOOKED,
        acknowledged(COMPLETED),
        Outlived(job_id="job", message_id="copy"),
        rest(COMPLETED),
    ),
    (
        ACCEPTED,
        CLAIM,
        started(),
        wrote("finish", RUNNING, replace(COMPLETED, result=FILED)),
        rest(replace(COMPLETED, result=FILED, body=REFERRED), files={FILED.key: SENT.encode()}),
    ),
    (
        Erased(digest=PENDING.digest),
        rest(
            replace(FAILED, reason="payload_missing", body=REFERRED),
            letters=(replace(LETTER, attributes={"reason": "payload_missing"}),),
        ),
    ),
    (
        ACCEPTED,
        wrote("claim", PENDING, running(alone=False)),
        started(),
        wrote("claim", running(alone=False), TAKEN_OVER, now=LATER, under="two"),
        started(under="two"),
        wrote("finish", TAKEN_OVER, replace(TAKEN_OVER, state=State.FAILED), under="two"),
        rest(replace(FAILED, lease=TAKEN_OVER.lease), letters=(LETTER,)),
    ),
    (
        wrote("claim", PENDING, RUNNING),
        started(),
        wrote("finish", RUNNING, replace(PENDING, state=State.SCHEDULED)),
        acknowledged(RETRYING, others=1),
        rest(replace(PENDING, state=State.CANCELLED)),
    ),
]


def a_history(events: tuple[Event, ...]) -> History:
    return History(events=[(float(at), event) for at, event in enumerate(events)])


@pytest.mark.parametrize(
    ("checker", "events"), BAD, ids=[f"{n}-{one[0].__name__}" for n, one in enumerate(BAD)]
)
def test_bad_history_is_refused(checker: Checker, events: tuple[Event, ...]) -> None:
    assert list(checker(a_history(events))) != []


@pytest.mark.parametrize(
    "events", GOOD, ids=["completes", "has files", "loses one", "taken over", "waits"]
)
def test_good_history_is_not(events: tuple[Event, ...]) -> None:
    assert broken(a_history(events), WITH_SWEEPER) == []


def test_every_checker_meets_a_bad_history() -> None:
    met = [*BAD, *checkpoint_histories.BAD, *decision_histories.BAD]
    assert {checker for checker, _ in met} == {*WITHOUT_SWEEPER, *WITH_SWEEPER}


def test_job_moved_by_its_fuse_is_left_to_the_sweeper() -> None:
    blown = Blown(job_id="job", message_id="m", unanswered=9)
    history = a_history((ACCEPTED, blown, rest(RETRYING)))

    assert broken(history, WITHOUT_SWEEPER) == []
    assert broken(history, WITH_SWEEPER) == LOST


def test_parked_job_is_left_to_the_sweeper() -> None:
    parked = replace(RETRYING, run_at=START + timedelta(hours=1))
    history = a_history(
        (ACCEPTED, wrote("finish", RUNNING, parked), acknowledged(parked), rest(parked))
    )

    assert broken(history, WITHOUT_SWEEPER) == []
    assert broken(history, WITH_SWEEPER) == LOST


def test_producer_whose_id_was_taken_has_its_letter() -> None:
    other = Accepted(job_id="job", text="other")
    completes = (CLAIM, started(), FINISH, HOOKED)
    history = a_history((ACCEPTED, other, *completes, rest(COMPLETED, letters=(TAKEN,))))

    assert broken(history) == []


def test_trace_shows_what_changed() -> None:
    trace = a_history((CLAIM, rest(COMPLETED))).trace()

    assert "worker: claim job: [pending 0/2] -> [processing 1/2 one alone]" in trace
    assert "rest: {'job': '[completed 1/2 one alone]'}" in trace
