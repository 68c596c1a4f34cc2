"""Plays EventBridge Scheduler on a virtual clock: each tick of each schedule, once, in time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from workerless.execution.schedule_repair import repair
from workerless.execution.schedule_sweep import sweep_schedules
from workerless.execution.ticking import take_tick
from workerless.schedule.plan import Plan
from workerless.schedule.stand import FAR

if TYPE_CHECKING:
    from workerless.testing.doubles import Doubles

# When something happens, and what.
type Happening = tuple[datetime, Callable[[], int]]


class Ticks:
    """Those of the declared schedules, and of the dynamic ones that Scheduler was told of."""

    def __init__(self, doubles: "Doubles") -> None:
        self._doubles = doubles
        self._coming: dict[str, tuple[Plan, Iterator[datetime], datetime]] = {}
        self._seen = -1

    def next(self) -> list[Happening]:
        """The next tick of each schedule."""
        happenings: list[Happening] = []
        for plan in (
            *(one for one in self._doubles.plans.all().values() if one is not None),
            *self._doubles.scheduler.entries.values(),
        ):
            tick = self._next_of(plan)
            if tick < FAR:
                happenings.append((tick, partial(self._fire, plan, tick)))
        return happenings

    def next_looks(self, *, for_work: bool) -> list[Happening]:
        """When the sweeper would next look at a schedule.

        With ``for_work`` only where something is left to do, and the last look was not in vain.
        """
        stand = next(iter(self._doubles.stands.page(limit=1).found), None)
        if stand is None or stand.look_at >= FAR:
            return []
        if for_work and (not stand.has_work or self._seen == self._told()):
            return []
        return [(stand.look_at, self._look)]

    def _told(self) -> int:
        return len(self._doubles.telemetry.transitions)

    def _next_of(self, plan: Plan) -> datetime:
        known = self._coming.get(plan.schedule_id)
        if known is None or known[0] != plan:
            ticks = plan.timetable.after(self._doubles.clock.now().astimezone(UTC))
            known = (plan, ticks, next(ticks, FAR))
            self._coming[plan.schedule_id] = known
        return known[2]

    def _fire(self, plan: Plan, tick: datetime) -> int:
        _, ticks, _ = self._coming[plan.schedule_id]
        self._coming[plan.schedule_id] = (plan, ticks, next(ticks, FAR))
        take_tick(plan, tick, self._doubles.ticking())
        return 0

    def _look(self) -> int:
        self._seen = self._told()
        sweeper = self._doubles.schedule_sweeper()
        sweep_schedules(sweeper)
        repair(sweeper)
        return 0
