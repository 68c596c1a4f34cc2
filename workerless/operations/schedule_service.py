"""What an operator can do with schedules. Part of ``service``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from workerless.schedule.plan import Plan
from workerless.schedule.stand import Backfill, Pause, Reprocess, Stand
from workerless.schedule_ports import Stands
from workerless.scheduling.control import Candidate
from workerless.scheduling.dynamic import Kept
from workerless.scheduling.wanted import WantedSchedule


class Schedules(Protocol):
    """The schedules of a stage. What names one raises ``ScheduleNotFoundError``."""

    def of(self, tenant: str | None) -> "Schedules":
        """Those of one tenant, as if there were no others; of all with None."""
        ...

    def list(self, *, limit: int = 50, cursor: str | None = None) -> Stands:
        """The next to be looked at first; a page may hold fewer than ``limit``, and have a next.

        Raises ``CursorRefusedError``.
        """
        ...

    def show(self, schedule_id: str) -> Stand: ...

    def next(self, schedule_id: str, number: int) -> Sequence[datetime]:
        """Its next ticks, as if nobody paused it."""
        ...

    def plan(self, job_type: str, wanted: WantedSchedule) -> Plan:
        """What ``put`` takes: all is checked, nothing is changed.

        Raises ``UnknownJobTypeError``, ``DeclarationError``, ``EnqueueRefusedError`` and
        ``OperationRefusedError``.
        """
        ...

    def put(self, plan: Plan, *, why: str | None = None) -> Kept:
        """Make a dynamic schedule, or change the one with this id.

        Raises ``OperationRefusedError``, and ``PlatformUnavailableError`` where it is kept and
        Scheduler did not answer: the sweeper tells it.
        """
        ...

    def delete(self, schedule_id: str, *, why: str | None = None) -> None:
        """End a dynamic schedule. Raises as ``put`` does; ``OperationRefusedError`` of others."""
        ...

    def pause(self, schedule_id: str, *, why: str, until: datetime | None = None) -> Pause:
        """Have no tick run; what is paused misses nothing. Raises ``OperationRefusedError``."""
        ...

    def resume(self, schedule_id: str, *, why: str | None = None) -> Pause:
        """The pause that it ends. Raises ``JobStateError`` where there is none."""
        ...

    def run(self, schedule_id: str, *, why: str | None = None) -> str:
        """Enqueue its job now, whatever else runs; the job's id.

        Raises ``EnqueueFailedError`` where it has no record and was not sent.
        """
        ...

    def preview(
        self, schedule_id: str, *, first: datetime, last: datetime, reprocess: Reprocess
    ) -> Sequence[Candidate]:
        """What a backfill would do now: its first 1,000 ticks. Raises as ``backfill`` does."""
        ...

    def backfill(
        self,
        schedule_id: str,
        *,
        first: datetime,
        last: datetime,
        limit: int,
        reprocess: Reprocess,
        why: str | None = None,
    ) -> Backfill:
        """Run the ticks from ``first`` to ``last`` (both included), ``limit`` (1 to 100) at once.

        Raises ``OperationRefusedError``, and ``JobStateError`` while another one goes on.
        """
        ...

    def stop(self, schedule_id: str, *, why: str | None = None) -> Backfill:
        """End a backfill before its time. Raises ``JobStateError`` where there is none."""
        ...
