"""What a rate limit promises, read from a history: no window holds more starts than it allows."""

from collections.abc import Iterator

from tests.simulation.history import History, Started
from workerless import RateLimit


def limits_hold(history: History, limits: tuple[RateLimit, ...]) -> Iterator[str]:
    """By the true time, for any half-open window; each job is one point."""
    starts = [at for at, event in history.events if isinstance(event, Started)]
    for limit in limits:
        per = limit.per.total_seconds()
        for first, last in zip(starts, starts[limit.limit :], strict=False):
            if last - first < per:
                yield f"{limit.limit + 1} starts from {first:.1f} s to {last:.1f} s: {limit}"
