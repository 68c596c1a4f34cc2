"""Raising ``SoftTimeout`` inside a handler that takes too long."""

import _signal  # type: ignore[import-not-found]  # CPython's own, without types
import signal
import threading
from datetime import timedelta
from types import FrameType

from workerless.signals import SoftTimeout

# A handler that swallowed the first SoftTimeout gets another every second.
REPEAT_SECONDS = 1.0
# What ``signal.signal`` calls: that looks signal and handler up among its enums, four times a job,
# by exceptions, which takes longer than all the rest here.
_handle = _signal.signal


class SoftDeadline:
    """Raises ``SoftTimeout`` in the body once ``limit`` has passed, by SIGALRM.

    Signals reach the main thread only, where Lambda runs handlers; elsewhere nothing is raised and
    the function's own timeout is the limit. Code inside C that never returns is not interrupted.
    """

    # A class, since a generator takes twice as long, and it is there for each job.
    def __init__(self, limit: timedelta) -> None:
        self._limit = limit
        self._is_set = False

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._previous = _handle(signal.SIGALRM, _expire)
            self._is_set = True
            signal.setitimer(signal.ITIMER_REAL, self._limit.total_seconds(), REPEAT_SECONDS)

    def __exit__(self, *raised: object) -> None:
        self._unset()

    def __del__(self) -> None:
        self._unset()  # the alarm may ring before the first line of ``__exit__``

    def _unset(self) -> None:
        if not self._is_set:
            return
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        finally:  # once more: the alarm may ring just before the line above
            signal.setitimer(signal.ITIMER_REAL, 0)
            _handle(signal.SIGALRM, self._previous)
            self._is_set = False


def _expire(_signal: int, _frame: FrameType | None) -> None:
    raise SoftTimeout
