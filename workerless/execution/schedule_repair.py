"""The sweeper holds EventBridge Scheduler against the dynamic schedules, and mends the difference.

Each sweep looks for entries that are missing, or nobody's. What entries say is compared for some
schedules a sweep, others each minute, so that all have their turn.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched

from workerless.errors import RecordUnreadableError, WorkerlessError
from workerless.execution.mirroring import mirror
from workerless.execution.schedule_sweep import ScheduleSweeper
from workerless.frozen import frozen
from workerless.schedule.over import is_over
from workerless.schedule.plan import is_dynamic
from workerless.schedule.stand import Stand
from workerless.schedule_ports import Scheduler

# Each takes two calls or more, and Scheduler is shared with whatever else runs in the account.
COMPARED_AT_ONCE = 20
# One that cannot be put right is its own trouble; so many are Scheduler's, or the table's.
MOST_IN_VAIN = 5
MISSING_AT_ONCE = 1_000
_READ_AT_ONCE = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Repaired:
    """How many schedules Scheduler did not have, had though nobody has them, had otherwise."""

    missing: int = 0
    extra: int = 0
    changed: int = 0


def repair(sweeper: ScheduleSweeper) -> Repaired:
    """Have Scheduler send the ticks of the dynamic schedules that there are, and no others.

    What could not be done for one schedule is told, and the next sweep tries again; so is silence,
    which ends it after a few.
    """
    done: Counter[str] = Counter()
    try:
        if sweeper.scheduler is not None:
            _Repair(sweeper, sweeper.scheduler, done).run()
    except WorkerlessError as error:
        sweeper.ticking.telemetry.trouble("schedules_not_repaired", error)
    return Repaired(**done)


@dataclass(slots=True)
class _Repair:
    """One repair, under way."""

    sweeper: ScheduleSweeper
    scheduler: Scheduler
    done: Counter[str]
    in_vain: int = 0

    def run(self) -> None:
        self._tell_unknown()
        ours = {one for one in self.sweeper.ticking.stands.ids() if is_dynamic(one)}
        theirs = self._theirs()
        if theirs is not None:
            # Among them those that are over: each costs a read.
            missing = _from_somewhere(sorted(ours - theirs), self._now())
            self._each(missing[:MISSING_AT_ONCE], self._make, read=_READ_AT_ONCE)
            # The ids are of an index: who is not there yet may have been made a moment ago.
            self._each(sorted(theirs - ours), self._remove)
        known = ours if theirs is None else ours & theirs
        self._each(_turn(sorted(known), self._now()), self._compare)

    def _tell_unknown(self) -> None:
        """However many of these Scheduler refuses, others may have to be put right."""
        try:
            found = [(stand.schedule_id, stand) for stand in self.sweeper.unknown]
            self._settle(found, self._tell_again)
        except WorkerlessError as error:
            self.sweeper.ticking.telemetry.trouble("schedules_not_repaired", error)
            self.in_vain = 0

    def _theirs(self) -> set[str] | None:
        """All that Scheduler has; None where half of the time was too short to see."""
        half = self._now() + (self.sweeper.until - self._now()) / 2
        theirs = self.scheduler.ids(lambda: self._now() < half)
        if theirs is None:
            self.sweeper.ticking.telemetry.trouble("schedules_not_repaired", None, code="too_many")
        return theirs

    def _each(
        self,
        ids: Sequence[str],
        put_right: Callable[[str, Stand | None], str | None],
        *,
        read: int = 1,
    ) -> None:
        """While there is time, ``read`` of them at once. ``put_right`` tells what was wrong."""
        for some in batched(ids, read, strict=False):
            self._settle(self._read(some), put_right)

    def _settle(
        self,
        found: Iterable[tuple[str, Stand | None]],
        put_right: Callable[[str, Stand | None], str | None],
    ) -> None:
        for schedule_id, stand in found:
            if not self.sweeper.has_time():
                return
            try:
                was = put_right(schedule_id, stand)
            except WorkerlessError as error:
                self._not_done(schedule_id, error)
            else:
                if was is not None:
                    self._tell(schedule_id, was)

    def _tell_again(self, _: str, stand: Stand | None) -> None:
        if stand is not None:
            self._mirror(stand)

    def _read(self, ids: Sequence[str]) -> Iterator[tuple[str, Stand | None]]:
        """Those that can be read."""
        stands = self.sweeper.ticking.stands
        try:
            found = stands.read_many(ids)
        except RecordUnreadableError as error:
            if len(ids) == 1:
                self._not_done(ids[0], error)
                return
            for one in ids:
                yield from self._read([one])
        else:
            yield from zip(ids, found, strict=True)

    def _make(self, _: str, stand: Stand | None) -> str | None:
        plan = stand.plan if stand else None
        if stand is None or plan is None or next(plan.timetable.after(self._now()), None) is None:
            return None
        self._mirror(stand)
        return "missing"

    def _remove(self, schedule_id: str, stand: Stand | None) -> str | None:
        if stand is not None:
            return None
        self.scheduler.remove(schedule_id)
        return "extra"

    def _compare(self, schedule_id: str, stand: Stand | None) -> str | None:
        if stand is None or stand.plan is None:
            return None
        if is_over(stand.plan, self._now()):
            self.scheduler.remove(schedule_id)
            return None
        if not self.scheduler.differs(stand.plan):
            return None
        self._mirror(stand)
        return "changed"

    def _mirror(self, stand: Stand) -> None:
        at = self.sweeper.ticking
        mirror(stand, stands=at.stands, scheduler=self.scheduler, clock=at.clock)

    def _not_done(self, schedule_id: str, error: WorkerlessError) -> None:
        self.in_vain += 1
        if self.in_vain == MOST_IN_VAIN:
            raise error
        telemetry = self.sweeper.ticking.telemetry
        telemetry.trouble("schedules_not_repaired", error, schedule_id=schedule_id)

    def _tell(self, schedule_id: str, was: str) -> None:
        self.done[was] += 1
        told = {"event": "schedule.repaired", "schedule_id": schedule_id, "was": was}
        self.sweeper.ticking.telemetry.transition(told)

    def _now(self) -> datetime:
        return self.sweeper.ticking.clock.now()


def _turn(ids: Sequence[str], now: datetime) -> Sequence[str]:
    """Those whose turn it is: the minute tells, so sweepers need not remember."""
    parts = list(batched(ids, COMPARED_AT_ONCE, strict=False))
    return parts[_minute(now) % len(parts)] if parts else ()


def _from_somewhere(ids: Sequence[str], now: datetime) -> Sequence[str]:
    """All of them, others first each minute: what cannot be put right is not always first."""
    first = _minute(now) * MISSING_AT_ONCE % max(len(ids), 1)
    return [*ids[first:], *ids[:first]]


def _minute(now: datetime) -> int:
    return (now - _EPOCH) // timedelta(minutes=1)
