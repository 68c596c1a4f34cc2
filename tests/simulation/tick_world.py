"""A world in which ticks come late, twice or never, and who takes them dies or rests for hours.

Everything of the library is real but the stores, which are its own doubles: the scheduler sends, a
ticker takes, the sweeper looks, in the order of a virtual clock.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from workerless.execution.schedule_sweep import ScheduleSweeper, sweep_schedules
from workerless.execution.ticking import Ticking, take_tick
from workerless.message import read
from workerless.ports import Put
from workerless.record import Record
from workerless.schedule.plan import Plan
from workerless.schedule.stand import FAR, Outcome, Stand
from workerless.scheduled import Scheduled
from workerless.states import State
from workerless.testing.memory import (
    FakeClock,
    InMemoryDirectory,
    InMemoryQueue,
    InMemoryStore,
    RecordingTelemetry,
)
from workerless.testing.schedule.scheduler import InMemoryPlans, InMemoryScheduler
from workerless.testing.schedule.stands import InMemoryStands

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Died(BaseException):
    """The process is gone. No part of the library can catch it."""


class Dice:
    """Whether the process dies now; ``odds`` of 0 let it live."""

    def __init__(self, rng: Random, odds: float) -> None:
        self._rng = rng
        self.odds = odds

    def around[T](self, call: Callable[[], T]) -> T:
        """``call``, unless the process dies before it, or when it is done."""
        self._roll()
        answer = call()
        self._roll()
        return answer

    def _roll(self) -> None:
        if self._rng.random() < self.odds:
            raise Died


class MortalStands(InMemoryStands):
    """Whoever writes may die of it, or be overtaken by ``rival``."""

    def __init__(self, dice: Dice) -> None:
        super().__init__()
        self._dice = dice
        self.rival: Callable[[str], None] = lambda schedule_id: None

    def save(self, stand: Stand) -> bool:
        self.rival(stand.schedule_id)
        return self._dice.around(lambda: InMemoryStands.save(self, stand))


class Jobs(InMemoryStore):
    """Each job ends by itself, ``lasts`` after it was enqueued."""

    def __init__(self, clock: FakeClock, dice: Dice, lasts: Callable[[str], timedelta]) -> None:
        super().__init__(clock)
        self._now, self._dice, self._lasts = clock.now, dice, lasts
        self.lives: dict[str, tuple[datetime, datetime]] = {}

    def put_many(self, records: Sequence[Record]) -> list[Put]:
        return self._dice.around(lambda: InMemoryStore.put_many(self, records))

    def _put(self, record: Record) -> Put:
        put = super()._put(record)
        if put.created:
            end = record.enqueued_at + self._lasts(record.job_id)
            self.lives[record.job_id] = (record.enqueued_at, end)
        return put

    def get_many(self, job_ids: Sequence[str]) -> list[Record | None]:
        return [self._as_it_is(record) for record in super().get_many(job_ids)]

    def cancel(self, job_id: str, **options: Any) -> Record:
        begin, end = self.lives[job_id]
        self.lives[job_id] = (begin, min(end, self._now()))
        return super().cancel(job_id, **options)

    def _as_it_is(self, record: Record | None) -> Record | None:
        if record is None or record.state.is_terminal or self._now() < self.lives[record.job_id][1]:
            return record
        return replace(record, state=State.COMPLETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What goes wrong. Odds are of each tick, or of each write; outages are in hours."""

    lost: float = 0.0
    late: float = 0.0
    twice: float = 0.0
    death: float = 0.0
    rivals: float = 0.0
    outages: tuple[tuple[datetime, datetime], ...] = ()

    def is_out(self, now: datetime) -> bool:
        return any(begin <= now < end for begin, end in self.outages)


@dataclass
class World:
    """Some schedules, and what ``weather`` they have."""

    plans: Sequence[Plan]
    begin: datetime
    weather: Weather
    seed: int
    lasts: Callable[[str], timedelta] = lambda job_id: 10 * MINUTE
    deaths: int = 0
    clock: FakeClock = field(init=False)
    jobs: Jobs = field(init=False)
    stands: MortalStands = field(init=False)
    queue: InMemoryQueue = field(init=False)
    telemetry: RecordingTelemetry = field(init=False)

    def __post_init__(self) -> None:
        self._rng = Random(self.seed)
        self._dice = Dice(self._rng, self.weather.death)
        self.clock = FakeClock(self.begin)
        self.jobs = Jobs(self.clock, self._dice, self.lasts)
        self.stands = MortalStands(self._dice)
        self.queue = InMemoryQueue(self.clock)
        self.telemetry = RecordingTelemetry()
        self._seen: dict[str, Plan] = {}
        self._plan_of = {plan.schedule_id: plan for plan in self.plans}
        self._has_rival = False
        self.stands.rival = self._compete
        self._heap: list[tuple[datetime, int, Plan, datetime]] = []
        self._ids = count()
        self._swept_at = self.begin
        self._declared = InMemoryPlans()
        self._declared.declared.update(self._plan_of)

    def run(self, until: datetime) -> None:
        """Play all ticks up to ``until``, and what is left to do for a day longer."""
        for plan in self.plans:
            for tick in plan.timetable.between(self.begin, until):
                self._send(plan, tick)
        while None in self.stands.read_many([plan.schedule_id for plan in self.plans]):
            self._sweep()  # nothing is missed of a schedule that nobody has seen
        while (at := min(self._next_tick(), self._next_look())) < until + 24 * HOUR:
            self.clock.advance(max(at - self.clock.now(), timedelta(0)))
            if self.weather.is_out(self.clock.now()):
                self._rest()
            elif self._next_tick() <= self.clock.now():
                self._deliver()
            else:
                self._sweep()

    def _send(self, plan: Plan, tick: datetime) -> None:
        weather, rng = self.weather, self._rng
        if rng.random() < weather.lost:
            return
        delay = 50 * SECOND * rng.random()
        if rng.random() < weather.late:
            delay += 6 * HOUR * rng.random()
        self._push(tick + delay, plan, tick)
        if rng.random() < weather.twice:
            self._push(tick + delay + 3 * HOUR * rng.random(), plan, tick)

    def _push(self, at: datetime, plan: Plan, tick: datetime) -> None:
        heapq.heappush(self._heap, (at, next(self._ids), plan, tick))

    def _next_tick(self) -> datetime:
        return self._heap[0][0] if self._heap else FAR

    def _next_look(self) -> datetime:
        stands = self.stands.page(limit=1).found
        if not stands or stands[0].look_at >= FAR:
            return FAR
        at = stands[0].look_at
        floor = at.replace(second=0, microsecond=0)
        return max(at if floor == at else floor + MINUTE, self._next_minute)

    @property
    def _next_minute(self) -> datetime:
        return self._swept_at + MINUTE

    def _rest(self) -> None:
        """Nobody works: whatever was sent waits in the queue, and then comes all at once."""
        now = self.clock.now()
        end = min(end for begin, end in self.weather.outages if begin <= now < end)
        while self._heap and self._heap[0][0] < end:
            _, _, plan, tick = heapq.heappop(self._heap)
            self._push(end + MINUTE * self._rng.random(), plan, tick)
        self._swept_at = end - MINUTE

    def _deliver(self) -> None:
        _, _, plan, tick = heapq.heappop(self._heap)
        try:
            take_tick(plan, tick, self._ticking())
        except Died:
            self.deaths += 1
            self._push(self.clock.now() + 30 * SECOND, plan, tick)

    def _sweep(self) -> None:
        self._swept_at = self.clock.now()
        try:
            sweep_schedules(
                ScheduleSweeper(
                    ticking=self._ticking(),
                    plans=self._declared,
                    scheduler=InMemoryScheduler(),
                    seen=self._seen,
                    until=self.clock.now() + 50 * SECOND,
                )
            )
        except Died:
            self.deaths += 1
            self._seen = {}

    def _compete(self, schedule_id: str) -> None:
        """Another ticker takes the same tick, wholly between our reading and our writing."""
        if self._has_rival or self._rng.random() >= self.weather.rivals:
            return
        plan = self._plan_of[schedule_id]
        tick = plan.timetable.until(self.clock.now())
        if tick is None or tick <= self.begin:
            return
        self._has_rival = True
        try:
            take_tick(plan, tick, self._ticking())
        finally:
            self._has_rival = False

    def _ticking(self) -> Ticking:
        directory = InMemoryDirectory({plan.job_type for plan in self.plans})
        return Ticking(
            stands=self.stands,
            store=self.jobs,
            queue=self.queue,
            directory=directory,
            clock=self.clock,
            telemetry=self.telemetry,
        )

    def ranges(self, until: datetime) -> dict[str, list[Scheduled]]:
        """What the jobs of each schedule stand for, in the order of their ticks up to ``until``."""
        found: dict[str, list[Scheduled]] = defaultdict(list)
        for record in self.jobs.records():
            message = read(record.body, job_type=record.job_type, message_id=record.job_id)
            assert message.schedule is not None
            if message.schedule.time <= until:
                found[message.schedule.schedule_id].append(message.schedule)
        return {name: sorted(some, key=lambda one: one.time) for name, some in found.items()}

    def told(self, plan: Plan, outcome: Outcome, until: datetime) -> int:
        """How many ticks of ``plan`` up to ``until`` had this outcome."""
        lines = [
            line
            for line in self.telemetry.transitions
            if line.get("schedule_id") == plan.schedule_id
            and line["event"] == f"schedule.{outcome.value}"
            and str(line["scheduled_for"]) <= until.isoformat()
        ]
        return sum(int(line["count"] or 1) for line in lines)
