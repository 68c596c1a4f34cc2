"""The laws that every chaos test asks of a history, on histories that break them."""

import pytest

from tests.chaos.history import Change, Look, violations
from workerless.states import State


def look(state: State, *, attempt: int = 1, holder: str | None = "ours") -> Look:
    return Look(state=state, attempt=attempt, max_attempts=2, holder=holder)


def change(old: Look | None, new: Look) -> Change:
    return Change(job_id="j", old=old, new=new)


PENDING = look(State.PENDING, attempt=0, holder=None)
RUNNING = look(State.PROCESSING)
DONE = look(State.COMPLETED)
GOOD = [change(None, PENDING), change(PENDING, RUNNING), change(RUNNING, DONE)]


def test_history_of_a_job_that_went_well_breaks_no_law() -> None:
    assert violations(GOOD) == []


@pytest.mark.parametrize(
    ("bad", "law"),
    [
        ([change(RUNNING, DONE)], "ended 2 times as completed"),
        ([change(DONE, RUNNING)], "completed became processing"),
        ([change(PENDING, DONE)], "pending became completed"),
        ([change(RUNNING, look(State.FAILED, holder="theirs"))], "did not hold the lease"),
        ([change(PENDING, look(State.PROCESSING, attempt=3))], "attempt 3 of 2"),
        ([change(None, DONE)], "made as completed"),
    ],
)
def test_broken_law_is_named(bad: list[Change], law: str) -> None:
    assert law in "\n".join(violations([*GOOD, *bad]))
