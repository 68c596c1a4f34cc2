"""The promises about long jobs: each meets what it must refuse."""

import pytest

from tests.simulation.checkers import Checker, broken
from tests.simulation.checkpoint_histories import BAD, GOOD
from tests.simulation.histories import rest
from tests.simulation.history import Event
from tests.simulation.test_checkers import a_history


@pytest.mark.parametrize(
    ("checker", "events"), BAD, ids=[f"{n}-{one[0].__name__}" for n, one in enumerate(BAD)]
)
def test_bad_history_is_refused(checker: Checker, events: tuple[Event, ...]) -> None:
    assert list(checker(a_history((*events, rest())))) != []


@pytest.mark.parametrize("events", GOOD, ids=["continued", "died"])
def test_good_history_is_not(events: tuple[Event, ...]) -> None:
    assert broken(a_history(events)) == []
