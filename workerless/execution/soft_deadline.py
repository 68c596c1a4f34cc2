"""Raising ``SoftTimeout`` inside a handler that takes too long."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType

from workerless.signals import SoftTimeout

# A handler that swallowed the first SoftTimeout gets another every second.
REPEAT_SECONDS = 1.0


@contextmanager
def soft_deadline(limit: timedelta) -> Iterator[None]:
    """Raise ``SoftTimeout`` in the body once ``limit`` has passed, by SIGALRM.

    Signals reach the main thread only, where Lambda runs handlers; elsewhere nothing is raised and
    the function's own timeout is the limit. Code inside C that never returns is not interrupted.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGALRM, _expire)
    try:
        signal.setitimer(signal.ITIMER_REAL, limit.total_seconds(), REPEAT_SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:  # once more: the alarm may ring just before the line above
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _expire(_signal: int, _frame: FrameType | None) -> None:
    raise SoftTimeout
