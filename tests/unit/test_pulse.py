"""The heartbeat: one that goes on, one after a gap."""

from datetime import timedelta

import pytest

from workerless.pulse import GAP, Pulse, beaten, is_alive
from workerless.testing.clock import START

MINUTE = timedelta(minutes=1)


def test_first_heartbeat_begins_a_life() -> None:
    assert beaten(None, START) == Pulse(since=START, at=START)


def test_heartbeat_in_time_goes_on() -> None:
    before = Pulse(since=START, at=START + MINUTE)

    assert beaten(before, START + MINUTE + GAP) == Pulse(since=START, at=START + MINUTE + GAP)


def test_heartbeat_after_a_gap_begins_anew() -> None:
    late = START + GAP + timedelta(milliseconds=1)

    assert beaten(Pulse(since=START, at=START), late) == Pulse(since=late, at=late)


@pytest.mark.parametrize(("age", "alive"), [(GAP, True), (GAP + MINUTE, False)])
def test_life_is_a_heartbeat_that_is_not_too_old(age: timedelta, *, alive: bool) -> None:
    assert is_alive(Pulse(since=START, at=START), START + age) is alive
    assert is_alive(None, START) is False
