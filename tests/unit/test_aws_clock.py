"""The clock of the machine: what is called later is called in time, unless it is called off."""

import threading
from datetime import timedelta

import pytest

from workerless.aws.clock import SystemClock

SOON = timedelta(milliseconds=20)
LONG = timedelta(hours=1)


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


def test_action_is_called_on_a_thread_that_keeps_no_process_alive(clock: SystemClock) -> None:
    called = threading.Event()
    threads: list[threading.Thread] = []

    def act() -> None:
        threads.append(threading.current_thread())
        called.set()

    clock.later(SOON, act)

    assert called.wait(timeout=10)
    assert threads[0] is not threading.current_thread()
    assert threads[0].daemon


def test_actions_are_called_in_the_order_of_their_times(clock: SystemClock) -> None:
    """The second is set later and due earlier: the thread must not oversleep it."""
    order: list[str] = []
    done = threading.Event()
    clock.later(LONG, lambda: order.append("never"))

    def second() -> None:
        order.append("second")
        done.set()

    clock.later(SOON * 2, second)
    clock.later(SOON, lambda: order.append("first"))

    assert done.wait(timeout=10)
    assert order == ["first", "second"]


def test_action_that_is_called_off_is_not_called(clock: SystemClock) -> None:
    order: list[str] = []
    done = threading.Event()

    call_off = clock.later(SOON, lambda: order.append("called off"))
    clock.later(SOON * 2, done.set)
    call_off()
    call_off()

    assert done.wait(timeout=10)
    assert order == []


def test_thread_that_was_idle_wakes_for_the_next(clock: SystemClock) -> None:
    for _ in range(3):
        done = threading.Event()
        clock.later(timedelta(0), done.set)
        assert done.wait(timeout=10)


def test_action_that_raises_is_told_and_silences_nobody(
    clock: SystemClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: errors.append(str(args.exc_value)))
    done = threading.Event()

    def fail() -> None:
        raise RuntimeError("as told")

    clock.later(timedelta(0), fail)
    clock.later(SOON, done.set)

    assert done.wait(timeout=10)
    assert errors == ["as told"]
