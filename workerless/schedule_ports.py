"""What schedules need of the world."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from workerless.frozen import frozen
from workerless.schedule.plan import Plan
from workerless.schedule.stand import Stand


@frozen
class Stands:
    """Some stands, and where the next page starts (None: no more)."""

    found: tuple[Stand, ...]
    cursor: str | None


class StandStore(Protocol):
    """The stands of schedules, by the schedule's id. All raise ``StoreUnavailableError``."""

    def read_many(self, schedule_ids: Sequence[str]) -> list[Stand | None]:
        """In order; None where there is none. Consistent reads."""
        ...

    def save(self, stand: Stand) -> bool:
        """Keep it with ``version`` one higher, if it is the one that was read; False where not.

        The caller's own write, repeated since its answer was lost, is no conflict.
        """
        ...

    def delete(self, stand: Stand) -> bool:
        """Forget it, if it is as it was read; False where not."""
        ...

    def due(self, *, before: datetime, limit: int) -> list[str]:
        """Ids of schedules to be looked at by then, the longest first. From an index."""
        ...

    def ids(self) -> set[str]:
        """Those of all schedules. From an index, so a moment behind."""
        ...

    def page(self, *, limit: int, cursor: str | None = None) -> Stands:
        """All stands, the next to be looked at first; from an index, so a moment behind.

        Raises ``CursorRefusedError``.
        """
        ...


class Plans(Protocol):
    """The schedules that the deployed job types declare."""

    def all(self) -> Mapping[str, Plan | None]:
        """By id; None of one that is unreadable. Raises ``WorkerlessError`` where all are."""
        ...


class Scheduler(Protocol):
    """The dynamic schedules of a stage as EventBridge Scheduler has them, by id.

    All raise ``PlatformUnavailableError``.
    """

    def ids(self, has_time: Callable[[], bool]) -> set[str] | None:
        """Those that it has entries of; None where there was no time to see them all."""
        ...

    def put(self, plan: Plan) -> None:
        """Have it send the ticks of ``plan``, and no others, whatever was there."""
        ...

    def differs(self, plan: Plan) -> bool:
        """Whether it would do anything else than ``put`` has it do."""
        ...

    def remove(self, schedule_id: str) -> None:
        """Have it send none; nothing happens where it sends none already."""
        ...
