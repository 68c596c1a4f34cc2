"""A clock that moves only when told to."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """Starts at ``now``; ``sleep`` moves it on at once and is noted in ``sleeps``."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self.sleeps: list[timedelta] = []

    def now(self) -> datetime:
        return self._now

    def sleep(self, duration: timedelta) -> None:
        self.sleeps.append(duration)
        self.advance(duration)

    def advance(self, duration: timedelta) -> None:
        """Move on by ``duration``. Raises ``ValueError`` if it is negative."""
        if duration < timedelta(0):
            raise ValueError(f"time moves forward, got {duration}")
        self._now += duration
