"""The rate limits of a simulation: a worker's gate, a limiter for each value of a key."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from workerless.execution.gates.place import Place
from workerless.flow.pacing import (
    Pace,
    Stand,
    asking,
    is_place,
    moment_of,
    pace_of,
    step_of,
    stepped,
)
from workerless.flow.rate import RateLimit
from workerless.flow.shares import in_jobs
from workerless.frozen import replace
from workerless.job_type import JobType
from workerless.simulation.load import MICROSECOND, Arrival

# A simulation begins then: the law is about moments since the epoch, which are above 0.
_BEGIN_US = 1_000_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """When a job starts; or, with a ``place``, when it comes back, and what it notes till then."""

    moment: int
    place: Place | None = None


@dataclass(slots=True, kw_only=True)
class Limiter:
    """One rate limit. Points that a payload decides are taken for 1: there are no payloads."""

    name: str
    pace: Pace
    per: timedelta
    is_keyed: bool
    stands: dict[int, Stand] = field(default_factory=dict)
    starts: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def ask(self, arrival: Arrival, now: int, place: Place | None) -> Answer:
        """Take a slot or a place, as ``execution.gates.rate`` does where its guess is right."""
        key, place = self._key(arrival), place or Place(gate=self.name)
        ask = asking(self.pace, 1, _BEGIN_US + now, is_back=place.is_due(_BEGIN_US + now))
        before = self.stands.get(key)
        step = step_of(before, ask)
        if is_place(step) and before is not None and place.is_kept(ask):
            until = max(place.due_us, before.taken - self.pace.early_us)
            return Answer(moment=max(until - _BEGIN_US, now), place=place)
        after = self.stands[key] = stepped(before, step, ask)
        at = moment_of(after, step, ask)
        if not is_place(step):
            return Answer(moment=at - _BEGIN_US)
        placed = replace(place, due_us=at - self.pace.early_us)
        return Answer(moment=max(placed.due_us - _BEGIN_US, now), place=placed)

    def note_start(self, arrival: Arrival, now: int) -> None:
        self.starts[self._key(arrival)].append(now)

    def most(self, window: timedelta) -> int:
        """The most starts of one key in any window of that length."""
        length = window // MICROSECOND
        return max((most_in_any_window(one, length) for one in self.starts.values()), default=0)

    def _key(self, arrival: Arrival) -> int:
        return arrival.key if self.is_keyed else 0


def limiters_of(job_type: JobType[Any, Any]) -> tuple[Limiter, ...]:
    """In the order in which workers ask them."""
    return tuple(_limiter(limit, job_type.name) for limit in job_type.rate_limits)


def most_in_any_window(starts: list[int], window: int) -> int:
    """The most of these moments, in order, that lie in any half-open window of that length."""
    most = first = 0
    for last, at in enumerate(starts):
        while at - starts[first] >= window:
            first += 1
        most = max(most, last - first + 1)
    return most


def _limiter(limit: RateLimit, job_type: str) -> Limiter:
    points = limit.points if isinstance(limit.points, int) else 1
    jobs, burst = in_jobs(limit.limit, limit.burst, points)
    return Limiter(
        name=limit.named(job_type),
        pace=pace_of(jobs, limit.per, burst, is_keyed=limit.key is not None),
        per=limit.per,
        is_keyed=limit.key is not None,
    )
