"""What telling people of failed jobs needs of the world."""

from datetime import datetime
from typing import Protocol

from workerless.alert import Alert
from workerless.frozen import frozen
from workerless.ports import Clock, Directory, Telemetry
from workerless.search import Hits, Search


class Rows(Protocol):
    """The records, to be searched, as ``SearchStore`` has it."""

    def search(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        """Raises ``StoreUnavailableError``."""
        ...


class Mark(Protocol):
    """Up to when people have been told."""

    def read(self) -> datetime | None:
        """None at first. Raises ``StoreUnavailableError``."""
        ...

    def move(self, until: datetime) -> None:
        """Never back. Raises ``StoreUnavailableError``."""
        ...


class Topic(Protocol):
    """Where people hear of it."""

    def publish(self, alert: Alert) -> bool:
        """Whether it was taken. Never raises."""
        ...


@frozen
class Alerting:
    """The world of who tells. ``job_types`` are those to tell of, none: all."""

    rows: Rows
    mark: Mark
    topic: Topic
    directory: Directory
    clock: Clock
    telemetry: Telemetry
    stage: str
    job_types: tuple[str, ...] = ()
    link: str | None = None
