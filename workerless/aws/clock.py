"""The clock of the machine."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SystemClock:
    """UTC to the millisecond, which is what the store keeps: an instant survives being stored."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def sleep(self, duration: timedelta) -> None:
        time.sleep(duration.total_seconds())

    def later(self, delay: timedelta, action: Callable[[], None]) -> Callable[[], None]:
        timer = threading.Timer(delay.total_seconds(), action)
        timer.daemon = True  # never what keeps a process alive
        timer.start()
        return timer.cancel
