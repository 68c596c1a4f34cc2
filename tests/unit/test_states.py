"""states: the table of transitions, held against the page that draws it."""

import re
from pathlib import Path

import pytest

from workerless.states import CANCELLABLE, TERMINAL, TRANSITIONS, WAITING, State, may_become

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"


def drawn(pattern: str) -> set[tuple[str, str]]:
    return set(re.findall(pattern, PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def test_page_draws_exactly_the_transitions_of_the_table() -> None:
    table = {(before.value, after.value) for before in State for after in TRANSITIONS[before]}

    assert drawn(r"^ +(\w+) --> (\w+):") == table


def test_page_ends_exactly_the_terminal_states() -> None:
    assert set(re.findall(r"^ +(\w+) --> \[\*\]", PAGE.read_text(), re.MULTILINE)) == TERMINAL


def test_page_begins_with_pending_or_scheduled() -> None:
    begins = re.findall(r"^ +\[\*\] --> (\w+):", PAGE.read_text(), re.MULTILINE)

    assert set(begins) == {State.PENDING, State.SCHEDULED}


@pytest.mark.parametrize("state", sorted(State))
def test_state_waits_runs_or_rests(state: State) -> None:
    assert [state.is_waiting, state is State.PROCESSING, state.is_resting].count(True) == 1


@pytest.mark.parametrize("state", sorted(TERMINAL - {State.FAILED}))
def test_nothing_follows_an_ended_job(state: State) -> None:
    assert not any(may_become(state, after) for after in State)


def test_failed_job_only_runs_again_or_is_dismissed() -> None:
    after = {one for one in State if may_become(State.FAILED, one)}

    assert after == {State.PENDING, State.SCHEDULED, State.DISCARDED}


@pytest.mark.parametrize("state", sorted(WAITING))
def test_waiting_job_only_starts_waits_longer_is_given_up_or_cancelled(state: State) -> None:
    after = {one for one in State if may_become(state, one)}

    assert after == {State.PROCESSING, State.SCHEDULED, State.FAILED, State.CANCELLED}


def test_held_job_only_waits_again_or_is_cancelled() -> None:
    after = {one for one in State if may_become(State.HELD, one)}

    assert after == {State.SCHEDULED, State.CANCELLED}
    assert {State.HELD, *WAITING} == CANCELLABLE


def test_running_job_cannot_become_pending() -> None:
    assert not may_become(State.PROCESSING, State.PENDING)
