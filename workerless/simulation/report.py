"""What a simulation came to: how long jobs waited, for what, and what bounds the pace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from workerless.simulation.load import MICROSECOND

_HALF, _MOST, _ALMOST_ALL = 0.5, 0.95, 0.99


class HeldBy(StrEnum):
    """What a job waited for longest before it started."""

    NOTHING = "nothing"
    CAPACITY = "capacity"
    RATE_LIMIT = "rate limit"
    CONCURRENCY_KEY = "concurrency key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """One job that ran; times in microseconds since the first moment."""

    arrived: int
    started: int
    lane: str
    key: int
    held_by: HeldBy

    @property
    def wait(self) -> int:
        return self.started - self.arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long jobs waited from arrival to start. None where there was none."""

    jobs: int
    median: timedelta | None
    p95: timedelta | None
    p99: timedelta | None
    longest: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What bounds the pace, in jobs a second. ``peak`` is the most that was seen, as it counts.

    ``allowed`` is the limit that ``peak`` must not pass, both in ``unit``.
    """

    name: str
    per_second: float
    peak: int
    allowed: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One slice of time, which began ``at``: what stood at its end, and how many jobs started."""

    at: timedelta
    queued: int
    outside: int
    running: int
    started: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One simulation. ``lanes`` are waits by lane; ``held`` counts jobs by what held them longest.

    ``dropped`` jobs ended because of a conflict. ``parked`` counts waits of more than 15 minutes.
    """

    jobs: int
    lasted: timedelta
    waits: Waits
    lanes: Mapping[str, Waits]
    held: Mapping[str, int]
    ceilings: Sequence[Ceiling]
    moments: Sequence[Moment]
    dropped: int
    parked: int

    @property
    def pace(self) -> float:
        """Jobs that started, a second, from the first arrival to the last start."""
        seconds = self.lasted.total_seconds()
        return self.waits.jobs / seconds if seconds else float(self.waits.jobs)


def waits(started: Sequence[Started]) -> Waits:
    """Of these jobs, each quantile the least wait that so many did not exceed."""
    found = sorted(one.wait for one in started)
    return Waits(
        jobs=len(found),
        median=_quantile(found, _HALF),
        p95=_quantile(found, _MOST),
        p99=_quantile(found, _ALMOST_ALL),
        longest=_quantile(found, 1.0),
    )


def _quantile(found: Sequence[int], share: float) -> timedelta | None:
    if not found:
        return None
    return found[min(int(len(found) * share), len(found) - 1)] * MICROSECOND
