"""A simulation as it runs: jobs wait in lanes, pass the gates, run and make room. Virtual time.

No machine is late here and nothing goes wrong: it is the best that this declaration can do with
this load.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from workerless.execution.gates.place import Place
from workerless.flow.concurrency import OnConflict
from workerless.job_type import JobType
from workerless.limits import MAX_DELAY
from workerless.simulation.lane import Lane, lanes_of
from workerless.simulation.limiter import Limiter, limiters_of
from workerless.simulation.load import MICROSECOND, Arrival, Load
from workerless.simulation.report import HeldBy, Moment, Started
from workerless.simulation.turn import Turn, Turns, turns_of

_SECOND = 1_000_000
_A_MOMENT_US = 1_000
# How many slices the arrivals are cut into; what follows has slices as long.
_SLICES = 60


@dataclass(slots=True, eq=False)
class Job:
    """One job on its way. ``since`` is when it began to wait for what it waits for now."""

    arrival: Arrival
    lane: Lane
    since: int
    places: dict[str, Place] = field(default_factory=dict)
    waited: Counter[HeldBy] = field(default_factory=Counter)

    @property
    def turn(self) -> Turn:
        return Turn(number=self.arrival.number, key=self.arrival.key, since=self.since)

    def held(self, by: HeldBy, until: int) -> None:
        self.waited[by] += until - self.since
        self.since = until

    def held_by(self) -> HeldBy:
        """What held it longest, by a millisecond or more."""
        held = {by: us for by, us in self.waited.items() if us >= _A_MOMENT_US}
        return max(held, key=lambda by: held[by], default=HeldBy.NOTHING)


class Course:
    """Plays one load against one declaration; ``run`` it once."""

    def __init__(self, job_type: JobType[Any, Any], load: Load, dice: Random) -> None:
        self.lanes = lanes_of(job_type, load)
        self.limiters: tuple[Limiter, ...] = limiters_of(job_type)
        self.turns: Turns | None = turns_of(job_type)
        self.started: list[Started] = []
        self.moments: list[Moment] = []
        self.dropped = 0
        self.parked = 0
        self.now = 0
        self._arrivals = load.arrivals(dice)
        self._slice = max(load.lasts // MICROSECOND // _SLICES, 1)
        self._agenda: list[tuple[int, int, Callable[[Job], None], Job]] = []
        self._numbers = count()
        self._told = 0
        self._outside = 0
        self._in_line: dict[int, Job] = {}

    def run(self) -> None:
        """To the last job's end."""
        self._expect_next()
        while self._agenda:
            at, _, act, job = heappop(self._agenda)
            self._look_on(at)
            self.now = at
            act(job)
        self._look_on(self.now + self._slice)

    def _expect_next(self) -> None:
        """Arrivals are drawn one by one: there may be many."""
        arrival = next(self._arrivals, None)
        if arrival is not None:
            lane = self.lanes.named(arrival.lane)
            self._at(arrival.at, self._arrive, Job(arrival=arrival, lane=lane, since=arrival.at))

    def _arrive(self, job: Job) -> None:
        self._expect_next()
        self._come(job)

    def _come(self, job: Job) -> None:
        """Its message is visible, and an invocation takes it if one is free."""
        job.lane.queue.append(job)
        self._serve(job)

    def _serve(self, job: Job) -> None:
        lane = job.lane
        while lane.queue and lane.busy < lane.capacity:
            first = lane.queue.popleft()
            lane.take()
            first.held(HeldBy.CAPACITY, self.now)
            self._at(self.now + first.arrival.look, self._look, first)

    def _look(self, job: Job) -> None:
        """Through the gates, in their order: the concurrency key, then the rates."""
        job.since = self.now
        if self.turns is not None and not self.turns.take(job.turn, self.now):
            self._leave(job)
            self._wait_for_its_turn(job, self.turns)
            return
        at = self.now
        for limiter in self.limiters:
            answer = limiter.ask(job.arrival, at, job.places.get(limiter.name))
            if answer.place is not None:
                job.places[limiter.name] = answer.place
                self._wait_outside(job, answer.moment)
                return
            at = max(at, answer.moment)
        self._at(at, self._start, job)

    def _wait_for_its_turn(self, job: Job, turns: Turns) -> None:
        if turns.on_conflict is OnConflict.DROP:
            self.dropped += 1
            return
        self._in_line[job.arrival.number] = job
        for replaced in turns.join(job.turn):
            del self._in_line[replaced.number]
            self.dropped += 1

    def _wait_outside(self, job: Job, until: int) -> None:
        """Messages come back at whole seconds from now."""
        seconds = -(-(until - self.now) // _SECOND)
        self.parked += seconds * _SECOND * MICROSECOND > MAX_DELAY
        self._outside += 1
        self._give_back(job)
        self._leave(job)
        self._at(self.now + seconds * _SECOND, self._return, job)

    def _return(self, job: Job) -> None:
        self._outside -= 1
        job.held(HeldBy.RATE_LIMIT, self.now)
        self._come(job)

    def _start(self, job: Job) -> None:
        job.held(HeldBy.RATE_LIMIT, self.now)
        for limiter in self.limiters:
            limiter.note_start(job.arrival, self.now)
        self.started.append(
            Started(
                arrived=job.arrival.at,
                started=self.now,
                lane=job.lane.name,
                key=job.arrival.key,
                held_by=job.held_by(),
            )
        )
        self._at(self.now + job.arrival.takes, self._end, job)

    def _end(self, job: Job) -> None:
        self._give_back(job)
        self._leave(job)

    def _give_back(self, job: Job) -> None:
        """The permit, which is handed to the first who waits for one."""
        if self.turns is None:
            return
        for turn in self.turns.hand_over(job.turn, self.now):
            following = self._in_line.pop(turn.number)
            following.held(HeldBy.CONCURRENCY_KEY, self.now)
            self._at(self.now, self._come, following)

    def _leave(self, job: Job) -> None:
        """Its invocation is free for another."""
        job.lane.busy -= 1
        job.since = self.now
        self._at(self.now, self._serve, job)

    def _at(self, at: int, act: Callable[[Job], None], job: Job) -> None:
        heappush(self._agenda, (at, next(self._numbers), act, job))

    def _look_on(self, until: int) -> None:
        """Note what stands at the end of each slice that is over by then."""
        while (end := (len(self.moments) + 1) * self._slice) <= until:
            self.moments.append(
                Moment(
                    at=(end - self._slice) * MICROSECOND,
                    queued=sum(len(lane.queue) for lane in self.lanes),
                    outside=self._outside + (self.turns.waiting if self.turns else 0),
                    running=sum(lane.busy for lane in self.lanes),
                    started=len(self.started) - self._told,
                )
            )
            self._told = len(self.started)
