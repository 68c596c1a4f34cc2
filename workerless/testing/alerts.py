"""Telling people, in memory."""

from datetime import datetime

from workerless.alert import Alert


class InMemoryMark:
    """Up to when people were told."""

    def __init__(self) -> None:
        self.until: datetime | None = None

    def read(self) -> datetime | None:
        return self.until

    def move(self, until: datetime) -> None:
        self.until = until if self.until is None else max(self.until, until)


class RecordingTopic:
    """``told`` is all that was published; it refuses while ``is_down``."""

    def __init__(self) -> None:
        self.told: list[Alert] = []
        self.is_down = False

    def publish(self, alert: Alert) -> bool:
        if not self.is_down:
            self.told.append(alert)
        return not self.is_down
