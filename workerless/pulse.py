"""The heartbeat of a stage: its sweeper leaves one each minute, and others read it.

It shows more than any alarm can: that the schedule, the function and the table work together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

# The sweeper runs each minute, and may take a minute and a half.
GAP = timedelta(minutes=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """The last heartbeat, and the first one that no gap divides from it."""

    since: datetime
    at: datetime


def beaten(before: Pulse | None, now: datetime) -> Pulse:
    """The pulse after a heartbeat; one after a gap begins anew."""
    goes_on = before is not None and now - before.at <= GAP
    return Pulse(since=before.since if before and goes_on else now, at=now)


def is_alive(pulse: Pulse | None, now: datetime) -> bool:
    """Whether the next heartbeat is not overdue."""
    return pulse is not None and now - pulse.at <= GAP


class Pulses(Protocol):
    """Where the heartbeats are kept. Both raise ``StoreUnavailableError``."""

    def beat(self, now: datetime) -> None: ...

    def last(self) -> Pulse | None: ...
