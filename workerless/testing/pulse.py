"""Heartbeats that a test keeps."""

from datetime import datetime

from workerless.pulse import Pulse, beaten


class InMemoryPulses:
    """As a table keeps them."""

    def __init__(self) -> None:
        self._last: Pulse | None = None

    def beat(self, now: datetime) -> None:
        self._last = beaten(self._last, now)

    def last(self) -> Pulse | None:
        return self._last
