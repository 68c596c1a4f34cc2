"""From where a long job goes on: what its attempt found, what it has reached, what it has kept."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from workerless.job_cursor import cursor_text, read_cursor
from workerless.record import Checkpoint

# Of its timeout an attempt leaves a tenth, at most this, to end in peace.
_LONGEST_RESERVE = timedelta(seconds=10)

type Save = Callable[[Checkpoint, datetime], bool]


class Checkpoints:
    """Those of one attempt of a job, under the lease ``token``; ``start`` is where it goes on.

    What is reached is kept with whatever ends the attempt; what is saved outlives its process, too.
    """

    def __init__(
        self, start: Checkpoint | None, *, token: str, kind: object, timeout: timedelta, save: Save
    ) -> None:
        self._start = start
        self._token = token
        self._kind = kind
        self._save = save
        self._reserve = min(timeout / 10, _LONGEST_RESERVE)
        self._reached_at: datetime | None = None
        self._longest = timedelta(0)
        self.reached = start

    def cursor(self) -> Any:
        """The last one; None before the first. Raises ``WorkerlessError`` for one that misfits."""
        return read_cursor(self.reached.cursor, self._kind) if self.reached else None

    def reach(self, cursor: object, now: datetime) -> Checkpoint:
        """All before ``cursor`` is done. Raises ``ValueError`` for what cannot be kept."""
        text = cursor_text(cursor, self._kind)
        if self._reached_at is not None:  # until the first one it may have prepared its work
            self._longest = max(self._longest, now - self._reached_at)
        self._reached_at = now
        if self._start is not None and text == self._start.cursor:
            self.reached = self._start
        else:
            self.reached = Checkpoint(cursor=text, by=self._token, at=now)
        return self.reached

    def keep(self, cursor: object, now: datetime) -> bool:
        """The same, and write it down; False where the job is another attempt's by now."""
        return self._save(self.reach(cursor, now), now)

    def is_near(self, deadline: datetime, now: datetime) -> bool:
        """Whether what took longest between two checkpoints might not fit in before ``deadline``.

        Some time is left in any case, to end in peace.
        """
        return deadline - now < self._reserve + self._longest
