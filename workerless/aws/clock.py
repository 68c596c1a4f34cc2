"""The clock of the machine."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from workerless.aws.alarms import Alarms


class SystemClock:
    """UTC to the millisecond, which is what the store keeps: an instant survives being stored."""

    def __init__(self) -> None:
        self._alarms = Alarms()

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def sleep(self, duration: timedelta) -> None:
        time.sleep(duration.total_seconds())

    async def pause(self, duration: timedelta) -> None:
        import asyncio  # noqa: PLC0415 -- 20 ms; only an async handler pays

        await asyncio.sleep(duration.total_seconds())

    def later(self, delay: timedelta, action: Callable[[], None]) -> Callable[[], None]:
        return self._alarms.set(delay.total_seconds(), action)
