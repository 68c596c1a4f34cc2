"""Raising ``SoftTimeout`` inside an async handler that takes too long, or is to end sooner."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, cast

from workerless.execution.soft_deadline import REPEAT_SECONDS
from workerless.signals import SoftTimeout

# Of the job that a task, or a task that it made, belongs to.
_ALARM: ContextVar["_Alarm"] = ContextVar("workerless_alarm")


@asynccontextmanager
async def async_soft_deadline(limit: timedelta) -> AsyncIterator[None]:
    """Raise ``SoftTimeout`` in the body once ``limit`` has passed, by cancelling at its next await.

    Cancelled by somebody else, it stays cancelled.
    """
    alarm = _Alarm(cast("asyncio.Task[Any]", asyncio.current_task()))  # coroutines run in one
    alarm.set(limit.total_seconds())
    _ALARM.set(alarm)
    try:
        yield
    except asyncio.CancelledError as error:
        if alarm.stop():
            raise alarm.why() from error
        raise
    finally:
        alarm.stop()


def end_all(why: Callable[[], BaseException]) -> None:
    """Raise ``why()`` at the next await of every body that runs on this loop.

    In one whose time was over before, it stays ``SoftTimeout``.
    """
    alarms = {task.get_context().get(_ALARM) for task in asyncio.all_tasks()}
    for alarm in alarms:
        if alarm is not None:
            alarm.ring_for(why)


class _Alarm:
    """Cancels a task when it rings, and again every second until stopped.

    ``asyncio.timeout`` cancels once only: a handler that swallows that would never end.
    """

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self.why: Callable[[], BaseException] = SoftTimeout
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
            self._handle = None
        rang, self._rings = self._rings, 0
        for _ in range(rang):
            self._task.uncancel()
        return rang > 0 and self._task.cancelling() <= self._others

    def ring_for(self, why: Callable[[], BaseException]) -> None:
        """Ring now, unless it has been stopped or rings already."""
        if self._handle is None or self._rings:
            return
        self._handle.cancel()
        self.why = why
        self._ring()

    def _ring(self) -> None:
        self._rings += 1
        self._task.cancel()
        self.set(REPEAT_SECONDS)
