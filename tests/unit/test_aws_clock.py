"""The clock of the machine: what is called later is called, unless it is called off."""

import threading
from datetime import timedelta

from workerless.aws.clock import SystemClock


def test_action_is_called_later_on_another_thread() -> None:
    called = threading.Event()
    threads: list[threading.Thread] = []

    def act() -> None:
        threads.append(threading.current_thread())
        called.set()

    SystemClock().later(timedelta(milliseconds=1), act)

    assert called.wait(timeout=10)
    assert threads[0] is not threading.current_thread()
    assert threads[0].daemon


def test_action_that_is_called_off_is_not_called() -> None:
    called: list[int] = []
    call_off = SystemClock().later(timedelta(hours=1), lambda: called.append(1))

    call_off()

    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(timeout=10)
            assert not thread.is_alive()
    assert called == []
