"""The promises about people's decisions: each meets what it must refuse."""

import pytest

from tests.simulation.checkers import Checker, broken
from tests.simulation.decision_histories import BAD, GOOD, REDRIVEN
from tests.simulation.histories import ACCEPTED, CLAIM, FAILED, RUNNING, rest, started, wrote
from tests.simulation.history import Event
from tests.simulation.test_checkers import a_history


@pytest.mark.parametrize(
    ("checker", "events"), BAD, ids=[f"{n}-{one[0].__name__}" for n, one in enumerate(BAD)]
)
def test_bad_history_is_refused(checker: Checker, events: tuple[Event, ...]) -> None:
    assert list(checker(a_history((*events, rest())))) != []


@pytest.mark.parametrize("events", GOOD, ids=["redriven", "dismissed"])
def test_good_history_is_not(events: tuple[Event, ...]) -> None:
    assert broken(a_history(events)) == []


def test_redriven_job_that_never_ends_is_lost_in_its_second_life() -> None:
    failed = (CLAIM, started(), wrote("finish", RUNNING, FAILED))
    history = a_history((ACCEPTED, *failed, REDRIVEN, rest(REDRIVEN.after)))

    assert broken(history) == [
        "every_job_ends: job is pending",
        "the_queue_loses_nothing: lost: job/2",
    ]
