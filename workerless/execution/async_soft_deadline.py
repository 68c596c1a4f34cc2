"""Raising ``SoftTimeout`` inside an async handler that takes too long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

from workerless.execution.soft_deadline import REPEAT_SECONDS
from workerless.signals import SoftTimeout


@asynccontextmanager
async def async_soft_deadline(limit: timedelta) -> AsyncIterator[None]:
    """Raise ``SoftTimeout`` in the body once ``limit`` has passed, by cancelling at its next await.

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
        self.set(REPEAT_SECONDS)
