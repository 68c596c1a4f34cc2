"""Circuit breakers and pauses in worlds that go wrong: nothing starts that they hold back.

``BREAKER_SEED=7`` plays one schedule and prints its trace.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from tests.simulation.checkers import WITH_SWEEPER
from tests.simulation.checkers import broken as broken_promises
from tests.simulation.fault import Fault
from tests.simulation.ground import Ground
from tests.simulation.history import History, Started
from tests.simulation.mutant import Mutant
from tests.simulation.plan import Plan, draw_plan, tracked_as
from tests.simulation.sweeping import sweep_all
from tests.simulation.world import World
from workerless import Dependency, Tracking
from workerless.execution.gates.breaker import BreakerGate
from workerless.execution.gates.known import KnownSettings
from workerless.flow import breaker as rules
from workerless.flow.breaker import Breaker
from workerless.flow.settings import NO_SETTINGS, FlowSettings, Pause
from workerless.testing.clock import START
from workerless.testing.flow.breakers import InMemoryBreakers
from workerless.testing.flow.settings import InMemorySettings

_SCHEDULES = 200
_TRIES = 200
_SEED = os.environ.get("BREAKER_SEED")
# A worker knows two seconds late, and a gate after these may have it wait for six at most.
_LATE = 8.0
_BANK = Dependency(
    "bank",
    (RuntimeError,),
    failures=2,
    within=timedelta(minutes=2),
    open_for=timedelta(seconds=20),
    recovery=timedelta(seconds=30),
)
# These only make a worker know later, and by how much nobody could say.
_NEVER = (Fault.SLOW_BEFORE, Fault.SLOW_AFTER, Fault.REPEATED, Fault.ZOMBIE)


class NotedBreakers(InMemoryBreakers):
    """Notes every change with its time."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self._ground = ground
        self.changes: list[tuple[float, Breaker]] = [(0.0, rules.NEW)]

    def save(self, name: str, breaker: Breaker) -> bool:
        done = super().save(name, breaker)
        if (now := self.read(name)) != self.changes[-1][1]:
            self.changes.append(((self._ground.now - START).total_seconds(), now))
        return done


class TimedPauses(InMemorySettings):
    """A job type that is paused from time to time, in seconds since the start."""

    def __init__(self, ground: Ground, times: Sequence[tuple[float, float]]) -> None:
        super().__init__()
        self._ground = ground
        self.times = times

    def read_many(self, names: Sequence[str]) -> list[FlowSettings]:
        now = (self._ground.now - START).total_seconds()
        pauses = tuple(_pause(first) for first, last in self.times if first <= now < last)
        return [FlowSettings(pauses=pauses), NO_SETTINGS]


def _pause(first: float) -> Pause:
    at: datetime = START + timedelta(seconds=first)
    return Pause(by="ada", at=at, why="as drawn")


def draw(seed: int) -> Plan:
    dice = Random(f"breaker {seed}")
    tracking = Tracking.LEAN if dice.random() < 0.2 else Tracking.FULL
    drawn = tracked_as(tracking, draw_plan(dice))
    jobs = tuple(
        replace(job, text=f"text-{number}", is_contested=False, attempts=None)
        for number, job in enumerate([*drawn.jobs, *draw_plan(dice).jobs])
    )
    return replace(
        drawn,
        jobs=jobs,
        job_type=replace(drawn.job_type, needs=(_BANK,)),
        turns=dice.random() < 0.3,
        max_skew=timedelta(0),
        zombies=0.0,
        rates={**drawn.rates, **dict.fromkeys(_NEVER, 0.0)},
    )


def play(seed: int) -> tuple[History, NotedBreakers, list[str]]:
    world = World(seed, plan=draw(seed), sweep=sweep_all)
    dice = Random(f"pauses {seed}")
    begins = sorted(dice.uniform(0, 600) for _ in range(dice.choice((0, 1, 3))))
    pauses = TimedPauses(world.ground, [(one, one + dice.uniform(10, 200)) for one in begins])
    breakers = NotedBreakers(world.ground)
    world.ground.flow.settings, world.ground.flow.breakers = pauses, breakers
    history = world.run()
    problems = [
        *broken_promises(history, WITH_SWEEPER),
        *starts_while_paused(history, pauses),
        *starts_while_open(history, breakers),
        *probes_beside_each_other(breakers),
    ]
    return history, breakers, problems


def starts_while_paused(history: History, pauses: TimedPauses) -> Iterator[str]:
    for at, event in history.events:
        if isinstance(event, Started):
            for first, last in pauses.times:
                if first + _LATE <= at < last:
                    yield f"{event.job_id} started at {at:.1f}, paused since {first:.1f}"


def starts_while_open(history: History, breakers: NotedBreakers) -> Iterator[str]:
    """Whatever a worker may have known lately, it was shut, and another one's to probe."""
    for at, event in history.events:
        if isinstance(event, Started):
            known = list(_lately(breakers, at))
            probes = {one.probe for one in known}
            if all(one.open_until for one in known) and event.token not in probes:
                yield f"{event.job_id} started at {at:.1f} while the breaker was open"


def _lately(breakers: NotedBreakers, at: float) -> Iterator[Breaker]:
    ends = [later for later, _ in breakers.changes[1:]] + [float("inf")]
    for (begins, one), until in zip(breakers.changes, ends, strict=True):
        if begins <= at and until >= at - _LATE:
            yield one


def probes_beside_each_other(breakers: NotedBreakers) -> Iterator[str]:
    for (_, before), (at, after) in zip(breakers.changes, breakers.changes[1:], strict=False):
        now = START + timedelta(seconds=at)
        is_held = before.probe is not None and before.probe_until and now < before.probe_until
        if is_held and after.probe is not None and after.probe != before.probe:
            yield f"{after.probe} probes at {at:.1f} beside {before.probe}"


@pytest.mark.skipif(_SEED is not None, reason="one seed is asked for")
def test_no_schedule_starts_what_is_paused_or_needs_what_is_down() -> None:
    stands: set[str] = set()
    reasons: set[str] = set()
    for seed in range(_SCHEDULES):
        history, breakers, problems = play(seed)
        again = f"again: BREAKER_SEED={seed} pytest tests/simulation/test_breakers.py"
        assert problems == [], f"{history.trace()}\n\n{problems}\n{again}"
        stands |= {one.stand(START + timedelta(seconds=at)).value for at, one in breakers.changes}
        reasons |= {fault for step, fault in history.cells if step == "breakers save"}

    assert {"open", "probed", "closed"} <= stands
    assert {"crash before", "crash after", "answer lost"} <= reasons


@pytest.mark.skipif(_SEED is None, reason="no seed is asked for")
def test_one_schedule_starts_nothing_that_is_held_back(capsys: pytest.CaptureFixture[str]) -> None:
    history, _, problems = play(int(_SEED or 0))

    with capsys.disabled():
        print(f"\n{history.trace()}")
    assert problems == []


_MUTANTS = (
    Mutant(
        fault="hears of no pause",
        owner=FlowSettings,
        name="paused",
        by=lambda *_args, **_scope: None,
    ),
    Mutant(
        fault="reads the settings once",
        owner=KnownSettings,
        name="at",
        by=lambda self, _now, **_age: self.__dict__.setdefault(
            "once", self._store.read_many(self._names)[0]
        ),
    ),
    Mutant(
        fault="has every worker probe",
        owner=BreakerGate,
        name="_may_probe",
        by=lambda *_: True,
    ),
    Mutant(
        fault="opens and lets jobs pass",
        owner=BreakerGate,
        name="at",
        by=lambda *_: rules.NEW,
    ),
)


@pytest.mark.parametrize("mutant", _MUTANTS, ids=lambda mutant: mutant.fault)
def test_schedules_catch(mutant: Mutant) -> None:
    with mutant.at_work():
        assert any(play(seed)[2] for seed in range(_TRIES))
