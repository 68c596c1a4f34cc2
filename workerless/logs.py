"""What functions wrote while they worked on a job."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line, and when it was written, in epoch milliseconds."""

    at_ms: int
    text: str


class Logs(Protocol):
    """The logs of functions. Raises ``PlatformUnavailableError``."""

    def lines(self, function: str, holding: str, *, since: datetime, limit: int) -> list[LogLine]:
        """The first ``limit`` lines from ``since`` on that hold a text, the oldest first."""
        ...
