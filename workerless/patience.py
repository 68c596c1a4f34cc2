"""How often somebody who waits for jobs looks: soon, and then ever less often."""

from collections.abc import Iterator
from datetime import timedelta

from workerless.ports import Clock

_FIRST = timedelta(milliseconds=100)
_LONGEST = timedelta(seconds=2)


def pauses(timeout: timedelta, clock: Clock) -> Iterator[timedelta]:
    """The time to wait between two looks, from 0.1 s to 2 s, until ``timeout`` has passed.

    Raises ``TypeError`` at the first for a bare number: of what, nobody could tell.
    """
    if not isinstance(timeout, timedelta):
        raise TypeError(f"timeout must be a timedelta, got {timeout!r}: timedelta(seconds=...)")
    until = clock.now() + timeout
    pause = _FIRST
    while (left := until - clock.now()) > timedelta(0):
        yield min(pause, left)
        pause = min(pause * 1.5, _LONGEST)
