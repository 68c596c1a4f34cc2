"""Raising ``SoftTimeout`` inside a handler that takes too long."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from types import FrameType
from typing import Any, cast

from workerless.signals import SoftTimeout

# A handler that swallowed the first SoftTimeout gets another every second.
_REPEAT_SECONDS = 1.0


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
        signal.setitimer(signal.ITIMER_REAL, limit.total_seconds(), _REPEAT_SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:  # once more: the alarm may ring just before the line above
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@asynccontextmanager
async def async_soft_deadline(limit: timedelta) -> AsyncIterator[None]:
    """The same for a coroutine: it is cancelled at its next await, and ``SoftTimeout`` raised.

    Cancelled by somebody else, it stays cancelled.
    """
    alarm = _Alarm(cast("asyncio.Task[Any]", asyncio.current_task()))  # coroutines run in one
    alarm.set(limit.total_seconds())
    try:
        yield
    except asyncio.CancelledError as error:
        if alarm.stop():
            raise SoftTimeout from error
        raise
    finally:
        alarm.stop()


class _Alarm:
    """Cancels a task when it rings, and again every second until stopped.

    ``asyncio.timeout`` cancels once only: a handler that swallows that would never end.
    """

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task
        self._others = task.cancelling()
        self._rings = 0
        self._handle: asyncio.TimerHandle | None = None

    def set(self, seconds: float) -> None:
        self._handle = asyncio.get_running_loop().call_later(seconds, self._ring)

    def stop(self) -> bool:
        """Take back every cancellation; whether it rang, and nobody else cancelled the task."""
        if self._handle is not None:
            self._handle.cancel()
        rang, self._rings = self._rings, 0
        for _ in range(rang):
            self._task.uncancel()
        return rang > 0 and self._task.cancelling() <= self._others

    def _ring(self) -> None:
        self._rings += 1
        self._task.cancel()
        self.set(_REPEAT_SECONDS)


def _expire(_signal: int, _frame: FrameType | None) -> None:
    raise SoftTimeout
