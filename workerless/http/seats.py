"""How many callers may wait for a job at once: each occupies the function for as long.

The seats of a stage are the permits of one name, leased like those of jobs: who dies with one loses
it. Without a free seat nobody waits; an answer at once is worth more than an error.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from uuid import uuid4

from workerless.errors import StoreUnavailableError
from workerless.flow.permits import Holder, taken
from workerless.flow_ports import PermitStore
from workerless.ports import Clock

# No job type has a name like that.
_NAME = "http:wait"


class Seats:
    """Those of one stage, at most ``limit``."""

    def __init__(self, permits: PermitStore, clock: Clock, *, limit: int) -> None:
        self._permits = permits
        self._clock = clock
        self._limit = limit

    @contextmanager
    def taken(self, duration: timedelta) -> Iterator[bool]:
        """Whether there is a seat for so long; given back at the end."""
        holder = self._take(duration)
        try:
            yield holder is not None
        finally:
            if holder is not None:
                with suppress(StoreUnavailableError):  # then its lease runs out
                    self._permits.release(_NAME, holder)

    def _take(self, duration: timedelta) -> Holder | None:
        now, name = self._clock.now(), uuid4().hex
        holder = Holder(job_id=name, token=name, until=now + duration)
        try:
            answer = self._permits.take(_NAME, holder, self._limit)
            if answer.is_done:
                return holder
            # Somebody may have died on one.
            after = taken(answer.permits, holder, limit=self._limit, now=now)
            if after is None or not self._permits.change(_NAME, answer.permits, after).is_done:
                return None
        except StoreUnavailableError:
            return None
        return holder
