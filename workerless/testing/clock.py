"""A clock that moves only when told to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """Starts at ``now``; ``sleep`` moves it on at once and is noted in ``sleeps``."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self.sleeps: list[timedelta] = []
        self._alarms: list[tuple[datetime, Callable[[], None]]] = []

    def now(self) -> datetime:
        return self._now

    def sleep(self, duration: timedelta) -> None:
        self.sleeps.append(duration)
        self.advance(duration)

    async def pause(self, duration: timedelta) -> None:
        self.sleep(duration)

    def later(self, delay: timedelta, action: Callable[[], None]) -> Callable[[], None]:
        """``action`` is called, by whoever moves the clock, once it has moved that far."""
        alarm = (self._now + delay, action)
        self._alarms.append(alarm)
        return lambda: self._alarms.remove(alarm) if alarm in self._alarms else None

    def forget(self) -> None:
        """Drop every alarm, as the death of its process would."""
        self._alarms.clear()

    def advance(self, duration: timedelta) -> None:
        """Move on by ``duration``, and call what falls due. Raises ``ValueError`` if negative."""
        if duration < timedelta(0):
            raise ValueError(f"time moves forward, got {duration}")
        end = self._now + duration
        while due := [alarm for alarm in self._alarms if alarm[0] <= end]:
            first = min(due, key=lambda alarm: alarm[0])
            self._alarms.remove(first)
            self._now = max(self._now, first[0])
            first[1]()
        self._now = end
