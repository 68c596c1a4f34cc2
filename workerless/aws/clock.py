"""The clock of the machine."""

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """UTC to the millisecond, which is what the store keeps: an instant survives being stored."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def sleep(self, duration: timedelta) -> None:
        time.sleep(duration.total_seconds())
