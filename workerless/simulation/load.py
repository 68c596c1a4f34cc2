"""The jobs of a simulation: when each arrives, for whom, and how long it takes."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import accumulate
from random import Random

from workerless.errors import WorkerlessError

MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
# Some seconds of one processor; a longer story is told by a shorter one.
MAX_JOBS = 200_000


class Shape(StrEnum):
    """How arrivals lie in time: evenly, at random (Poisson), or in one heap in every minute."""

    STEADY = "steady"
    POISSON = "poisson"
    HEAPS = "heaps"


class Spread(StrEnum):
    """How long jobs take: all as long, or as exponential chance has it, with the same mean."""

    FIXED = "fixed"
    EXPONENTIAL = "exponential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One job; times in microseconds. ``key`` is the number of its key's value, from 0."""

    number: int
    at: int
    takes: int
    look: int
    key: int
    lane: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """``burst`` jobs at once, then ``rate`` jobs a second for ``lasts``, as ``shape`` has it.

    Each takes ``takes`` in the mean, and an invocation runs ``at_once`` of them at a time: 1 unless
    the handler is async; ``look`` is what each look at a job costs besides, give or take half.
    ``keys`` is how many values a key has; with ``skew`` 0 all are as frequent, with 1 the second
    comes half as often as the first, the third a third (Zipf). ``lanes`` are weights by name; None
    is a job type's default lane. Raises ``WorkerlessError``.
    """

    rate: float
    lasts: timedelta
    takes: timedelta
    burst: int = 0
    shape: Shape = Shape.POISSON
    spread: Spread = Spread.EXPONENTIAL
    at_once: int = 1
    look: timedelta = timedelta(milliseconds=10)
    keys: int = 1
    skew: float = 0.0
    lanes: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check("rate", self.rate, "0 or more", fits=0 <= self.rate < math.inf)
        _check("lasts", self.lasts, "above 0 s", fits=self.lasts > timedelta(0))
        _check("takes", self.takes, "above 0 s", fits=self.takes > timedelta(0))
        _check("burst", self.burst, "0 or more", fits=self.burst >= 0)
        _check("look", self.look, "0 s or more", fits=self.look >= timedelta(0))
        _check("at_once", self.at_once, "1 to 50", fits=1 <= self.at_once <= 50)  # noqa: PLR2004 -- as said
        _check("keys", self.keys, "1 to 100,000", fits=1 <= self.keys <= 100_000)  # noqa: PLR2004 -- as said
        _check("skew", self.skew, "0 to 3", fits=0 <= self.skew <= 3)  # noqa: PLR2004 -- as said
        jobs = self.burst + self.rate * self.lasts.total_seconds()
        _check("jobs in all", round(jobs), f"1 to {MAX_JOBS}", fits=1 <= jobs <= MAX_JOBS)
        above_0 = all(0 < weight < math.inf for weight in self.lanes.values())
        _check("lanes", dict(self.lanes), "of weights above 0", fits=above_0)

    def arrivals(self, dice: Random) -> Iterator[Arrival]:
        """Every job, in the order of arrival."""
        numbers = list(accumulate(1 / (number + 1) ** self.skew for number in range(self.keys)))
        names, shares = list(self.lanes), list(accumulate(self.lanes.values()))
        mean = self.takes / MICROSECOND
        for number, at in enumerate(self._times(dice)):
            takes = mean if self.spread is Spread.FIXED else dice.expovariate(1 / mean)
            yield Arrival(
                number=number,
                at=at,
                takes=max(round(takes), 1),
                look=round(dice.uniform(0.5, 1.5) * (self.look / MICROSECOND)),
                key=dice.choices(range(self.keys), cum_weights=numbers)[0],
                lane=dice.choices(names, cum_weights=shares)[0] if names else None,
            )

    def _times(self, dice: Random) -> Iterator[int]:
        yield from (0 for _ in range(self.burst))
        end = self.lasts // MICROSECOND
        match self.shape:
            case Shape.STEADY:
                count = int(self.rate * self.lasts.total_seconds())
                yield from (end * number // count for number in range(count))
            case Shape.POISSON:
                at = dice.expovariate(self.rate / _SECOND) if self.rate else end
                while at < end:
                    yield int(at)
                    at += dice.expovariate(self.rate / _SECOND)
            case Shape.HEAPS:
                for start in range(0, end, _MINUTE):
                    share = min(_MINUTE, end - start) / _SECOND
                    yield from (start for _ in range(round(self.rate * share)))


def _check(what: str, got: object, allowed: str, *, fits: bool) -> None:
    if not fits:
        raise WorkerlessError(f"{what} must be {allowed}, got {got}")
