"""A circuit breaker: how it stands, and what becomes of it. Pure.

Closed, it counts failures. Open, no job passes. Then it is half open: one job of the whole fleet
passes, the probe, under a lease. Closed again, the fleet works up to its full speed. A dependency
that says when to come back is held until then, and slower for a while: half as fast at each time,
and linearly faster from there (additive increase, multiplicative decrease).
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from math import ceil
from typing import Any

from workerless.flow.dependency import Dependency
from workerless.frozen import frozen, replace

# An hour that a header says may be a mistake, a year is one: the fleet waits no longer at a time.
MAX_HOLD = timedelta(hours=1)
_LONGEST_OPEN = timedelta(minutes=10)
_FIRST_SHARE, _LEAST_SHARE = 0.1, 1 / 16


class Stand(Enum):
    """Whether jobs pass: all, none until a moment, none while another one probes, or one."""

    CLOSED = "closed"
    HELD = "held"
    OPEN = "open"
    PROBED = "probed"
    READY = "ready"


@frozen
class Breaker:
    """One breaker. ``version`` counts its changes; 0 is that of one that nobody has needed yet.

    ``failures`` of ``calls`` are those of the window that ends at ``window_ends``. ``open_until``
    is None while it is closed, and ``trips`` is how often in a row it opened. ``probe`` is the
    token of the job that probes, until ``probe_until``. From ``slow_since`` on the fleet works at
    ``slow_from`` of its speed and faster by the second. ``held_until`` is what the dependency said.
    """

    failures: int = 0
    calls: int = 0
    window_ends: datetime | None = None
    open_until: datetime | None = None
    trips: int = 0
    probe: str | None = None
    probe_until: datetime | None = None
    slow_since: datetime | None = None
    slow_from: float = 1.0
    held_until: datetime | None = None
    version: int = 0

    def stand(self, now: datetime) -> Stand:
        if self.held_until is not None and now < self.held_until:
            return Stand.HELD
        if self.open_until is None:
            return Stand.CLOSED
        if now < self.open_until:
            return Stand.OPEN
        is_probed = self.probe_until is not None and now < self.probe_until
        return Stand.PROBED if is_probed else Stand.READY

    def is_counting(self, now: datetime) -> bool:
        """Whether an attempt failed lately, so that the others count, too."""
        return self.window_ends is not None and now < self.window_ends

    def shut_until(self, now: datetime) -> datetime:
        """Until when no job passes, as far as that is known."""
        known = [one for one in (self.held_until, self.open_until) if one is not None and one > now]
        return max(known, default=now)

    def share(self, now: datetime, recovery: timedelta) -> float:
        """Which part of its speed the fleet works at, above 0 to 1."""
        if self.slow_since is None or not recovery:
            return 1.0
        faster = max(now - self.slow_since, timedelta(0)) / recovery
        return min(self.slow_from + faster, 1.0)


NEW = Breaker()


def counted(
    breaker: Breaker, dependency: Dependency, now: datetime, *, calls: int, failures: int
) -> Breaker:
    """After so many more attempts of which so many failed; open once these are enough.

    Who started before it opened fails after, and tells nothing new.
    """
    if breaker.open_until is not None:
        return breaker
    if breaker.window_ends is None or now >= breaker.window_ends:
        window_ends = now + dependency.within if failures else None
        breaker = replace(breaker, failures=0, calls=0, window_ends=window_ends)
    if breaker.window_ends is None:
        return breaker
    after = replace(breaker, failures=breaker.failures + failures, calls=breaker.calls + calls)
    # A fleet at a tenth of its speed has a tenth of the attempts that could fail.
    enough = ceil(dependency.failures * breaker.share(now, dependency.recovery))
    is_much = after.failures >= (dependency.ratio or 0) * after.calls
    return opened(after, dependency, now) if after.failures >= enough and is_much else after


def opened(breaker: Breaker, dependency: Dependency, now: datetime) -> Breaker:
    """Open, for longer each time in a row."""
    longest = max(_LONGEST_OPEN, dependency.open_for)
    lasts = min(dependency.open_for * (1 << min(breaker.trips, 10)), longest)
    return Breaker(
        open_until=now + lasts,
        trips=breaker.trips + 1,
        held_until=breaker.held_until,
        version=breaker.version,
    )


def probed(breaker: Breaker, token: str, until: datetime) -> Breaker:
    """Half open, and the job with ``token`` tries."""
    return replace(breaker, probe=token, probe_until=until)


def failed_again(breaker: Breaker, token: str, dependency: Dependency, now: datetime) -> Breaker:
    """The probe failed; one that was taken over tells nothing new."""
    return opened(breaker, dependency, now) if breaker.probe == token else breaker


def closed(breaker: Breaker, token: str, now: datetime) -> Breaker:
    """The probe completed: closed, and slow at first."""
    if breaker.probe != token:
        return breaker
    return replace(reset(now), held_until=breaker.held_until, version=breaker.version)


def reset(now: datetime) -> Breaker:
    """Closed, whatever was before, and slow at first."""
    return Breaker(slow_since=now, slow_from=_FIRST_SHARE)


def released(breaker: Breaker, token: str) -> Breaker:
    """The probe has not reached the dependency: let another one try."""
    is_its = breaker.probe == token
    return replace(breaker, probe=None, probe_until=None) if is_its else breaker


def held(breaker: Breaker, until: datetime, now: datetime, recovery: timedelta) -> Breaker:
    """The dependency said when to come back. Of those who hear it at once the first slows down."""
    until = min(until, now + MAX_HOLD)
    if breaker.stand(now) is Stand.HELD:
        later = max(until, breaker.held_until or until)
        return replace(breaker, held_until=later, slow_since=later)
    share = max(breaker.share(now, recovery) / 2, _LEAST_SHARE)
    return replace(breaker, held_until=until, slow_since=until, slow_from=share)


def write_breaker(breaker: Breaker) -> str:
    """As JSON text, without the version."""
    told = {name: _plain(value) for name, value in vars(breaker).items() if name != "version"}
    return json.dumps({name: value for name, value in told.items() if value is not None})


def read_breaker(text: str, version: int) -> Breaker:
    """What ``write_breaker`` wrote. Raises ``ValueError``, ``TypeError``, ``AttributeError``."""
    told: Mapping[str, Any] = json.loads(text)
    moments = {
        name: datetime.fromisoformat(value)
        for name, value in told.items()
        if isinstance(value, str) and name != "probe"
    }
    return Breaker(**{**told, **moments}, version=version)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
