"""What the publisher needs of an event bus."""

from collections.abc import Sequence
from typing import Protocol

from workerless.frozen import frozen
from workerless.lifecycle_event import JobChange, JobEvent


@frozen
class Announcement:
    """One event for the bus. ``kind`` is its ``detail-type``."""

    kind: JobChange
    event: JobEvent


class EventBus(Protocol):
    """Where events go."""

    def put_many(self, announcements: Sequence[Announcement]) -> int:
        """Tell them in order; how many were taken before the first that was not. Never raises."""
        ...
