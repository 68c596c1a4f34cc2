"""Histories with letters and lost records, which the checkers must let pass."""

from tests.simulation import message_checkers as message
from tests.simulation import record_checkers as record
from tests.simulation.checkers import broken
from tests.simulation.histories import (
    ACCEPTED,
    CRASHED,
    FAILED,
    FINISH,
    LATER,
    PENDING,
    RUNNING,
    SENT,
    rest,
    wrote,
)
from tests.simulation.history import Forgotten, Letter
from tests.simulation.test_checkers import a_history


def test_job_that_never_had_a_record_is_told_of_by_its_letter() -> None:
    letter = Letter(job_id="job", body=SENT, attributes={"reason": "undeliverable"})

    assert broken(a_history((ACCEPTED, rest(letters=(letter,))))) == []


def test_job_at_rest_may_be_given_up() -> None:
    dead = wrote("give up", RUNNING, CRASHED, now=LATER)
    history = a_history((wrote("give up", PENDING, FAILED), dead))

    assert list(record.only_jobs_at_rest_are_given_up(history)) == []


def test_job_whose_record_was_lost_may_live_twice() -> None:
    history = a_history((FINISH, Forgotten(job_id="job"), FINISH, ACCEPTED, rest()))

    assert list(record.no_job_completes_twice(history)) == []
    assert list(message.every_job_ends(history)) == []
