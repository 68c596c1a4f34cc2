"""Logs that a test writes."""

from dataclasses import dataclass, field
from datetime import datetime

from workerless.logs import LogLine


@dataclass(kw_only=True)
class InMemoryLogs:
    """Lines by function, the oldest first."""

    written: dict[str, list[LogLine]] = field(default_factory=dict)

    def lines(self, function: str, holding: str, *, since: datetime, limit: int) -> list[LogLine]:
        first_ms = since.timestamp() * 1_000
        return [
            line
            for line in self.written.get(function, [])
            if holding in line.text and line.at_ms >= first_ms
        ][:limit]
