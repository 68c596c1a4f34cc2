"""What an operator needs of the records, beyond what execution and clients do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workerless.ports import Queue, Store
from workerless.record import Record
from workerless.redrive import Changed, Dismissal, Redrive
from workerless.search import Count, Hits, Search
from workerless.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """About how many messages a queue has, as SQS counts them, up to a minute behind.

    ``waiting`` could be received now; ``in_flight`` are in a worker's hands, or hidden until their
    next attempt; ``delayed`` were sent to be received later.
    """

    waiting: int = 0
    in_flight: int = 0
    delayed: int = 0

    def __add__(self, other: "Depth") -> "Depth":
        return Depth(
            waiting=self.waiting + other.waiting,
            in_flight=self.in_flight + other.in_flight,
            delayed=self.delayed + other.delayed,
        )

    def shape(self) -> dict[str, int]:
        """As JSON tells it, by the names of where."""
        return {"waiting": self.waiting, "active": self.in_flight, "delayed": self.delayed}


class OperatorQueue(Queue, Protocol):
    """The queues, to be looked at and emptied."""

    def depth(self, address: str) -> Depth:
        """Raises ``QueueUnavailableError``."""
        ...

    def purge(self, address: str) -> None:
        """Delete every message that is there now; SQS takes up to a minute for it.

        Raises ``QueueUnavailableError``, also where it was purged within the last minute.
        """
        ...


class SearchStore(Store, Protocol):
    """The records, to be searched. Rows come from an index: a moment behind, never a decision."""

    def search(self, search: Search, *, limit: int = 100, cursor: str | None = None) -> Hits:
        """Jobs of one type that are meant, by their last change, the newest first.

        ``search`` names a type, and either search keys, or one resting state, or only states that
        are not resting: each is found in its own way. ``limit`` is 1 to 1,000. Jobs that wait or
        run come by the time to look at them, the last first. Raises ``WorkerlessError`` for any
        other search, limit or cursor.
        """
        ...

    def count(self, job_type: str, state: State, *, at_most: int) -> Count:
        """How many jobs of one type rest in ``state``, counted up to about ``at_most``."""
        ...

    def secret(self) -> bytes:
        """32 random bytes, made once for the stage."""
        ...


class OperatorStore(SearchStore, Protocol):
    """The records, and what people decide about jobs that failed."""

    def redrive_many(self, redrives: Sequence[Redrive]) -> list[Changed]:
        """Have failed jobs run again (``redrive.redriven``). Their messages are the caller's.

        Asking again is safe, under the same name. Raises ``StoreUnavailableError``.
        """
        ...

    def dismiss_many(self, dismissals: Sequence[Dismissal]) -> list[Changed]:
        """Have failed jobs end as discarded (``redrive.dismissed``); as safe to ask again."""
        ...

    def delete_many(self, seen: Sequence[Record]) -> list[bool]:
        """Delete failed jobs that are as they were seen; True where there is no such record left.

        For a job that runs without a record: once its message is sent, what was filed of it goes.
        """
        ...
