"""Workflows in five hundred worlds a shape that go wrong: each ends as its steps do.

``SIMULATION_COUNT=500`` plays as many a shape, ``SIMULATION_SEED=7`` one and prints its trace.
"""

import os
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, cast

import pytest

from tests.simulation.fault import Fault
from tests.simulation.history import History
from tests.simulation.job import Act
from tests.simulation.plan import JobPlan, Way, draw_plan
from tests.simulation.remote_containers import DeafContainers
from tests.simulation.run_ends import problems, repairs
from tests.simulation.run_mutants import MUTANTS
from tests.simulation.run_shapes import SHAPES, Pen, any_shape, definition
from tests.simulation.runs import Runs
from tests.simulation.world import World
from workerless import OnUnknownOutcome
from workerless.orchestration import batch as filling

_COUNT = int(os.environ.get("SIMULATION_COUNT", "30"))
# Of a shape, for a mutant to be noticed in.
_MOST = 300
_SEED = os.environ.get("SIMULATION_SEED")
ALL = {**SHAPES, "cancelled": any_shape, "retried": any_shape, "thicket": any_shape}
_CANCELS = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 20, 60, 300, 3_600))
# More than a world of single jobs meets: a workflow takes more writes.
_RATES, _BUDGETS = (0.0, 0.02, 0.05, 0.15), (10, 40, 100)
_VISITS = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 90, 600, 3_000))


@pytest.fixture(autouse=True)
def small_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of ten are filled as those of ten thousand are."""
    monkeypatch.setattr(filling, "_AT_ONCE", 3)


def play(shape: str, seed: int, *, faults: bool = True) -> tuple[History, list[str]]:
    """One run, and what it broke."""
    dice = Random(f"{shape} {seed}")
    plan = draw_plan(Random(seed))
    job_type = replace(plan.job_type, on_unknown_outcome=OnUnknownOutcome.RETRY)
    pen = Pen(job_type=job_type, rng=dice)
    made = definition(ALL[shape](pen))
    late = [f"late {number}" for number in range(2)] if shape == "crowd" else []
    trouble = dice.choice((0.0, 0.2, 0.6)) if faults else 0.0
    texts = [*pen.given, *late]
    jobs = tuple(_job(text, seed, trouble=trouble, dice=dice) for text in texts)
    # Hours in which nothing is ever invoked would be all that a world has steps for.
    plan = replace(plan, jobs=jobs, job_type=job_type, throttled_for=timedelta(0))
    rates = {fault: dice.choice(_RATES) for fault in Fault}
    plan = replace(plan, rates=rates, budget=dice.choice(_BUDGETS))
    if not faults:
        plan = replace(plan, budget=0, rates=dict.fromkeys(plan.rates, 0.0))
    runs: list[Runs] = []

    def sweep(world: World) -> None:
        runs[0].conductor.sweep(world)

    is_operated = faults and dice.random() < 0.5
    world = World(seed, plan=plan, sweep=sweep, operated=is_operated, faulty_steps=1_500)
    ground = world.ground
    ground.store.containers = cast("Any", DeafContainers(ground, ground.containers))
    runs.append(
        Runs(
            ground=ground,
            definition=made,
            given=pen.given,
            dice=dice,
            scripts=world.scripts,
            cancels=_times(_CANCELS, dice) if shape == "cancelled" else (),
            retries=_times(_VISITS, dice) if shape == "retried" else (),
            late=late,
        )
    )
    runs[0].start()
    history = world.run()
    return history, problems(runs[0], history)


def _job(text: str, seed: int, *, trouble: float, dice: Random) -> JobPlan:
    """As any other job, but for waits of half a day, in which its workflow is looked at a lot."""
    job = draw_plan(Random(f"{seed} {text}")).jobs[0]
    acts = tuple(Act.SNOOZE if act is Act.SNOOZE_LONG else act for act in job.acts)
    if dice.random() >= trouble:
        acts, job = acts[:1] if dice.random() < 0.3 else (), replace(job, last=Act.SUCCEED)
    return replace(job, text=text, way=Way.MEMBER, acts=acts, padding=0)


def _times(times: tuple[timedelta, ...], dice: Random) -> list[timedelta]:
    return dice.sample(times, dice.randint(1, 3))


@pytest.mark.skipif(_SEED is not None, reason="one seed is asked for")
@pytest.mark.parametrize("shape", ALL)
def test_workflow_ends_as_its_steps_do(shape: str, capsys: pytest.CaptureFixture[str]) -> None:
    repaired = 0
    for seed in range(_COUNT):
        history, found = play(shape, seed)
        repaired += repairs(history) > 0
        assert not found, f"seed {seed}: {found}"

    with capsys.disabled():
        print(f"\n{shape}: {_COUNT} worlds, the sweeper had something to repair in {repaired}")


@pytest.mark.skipif(_SEED is None, reason="no seed is asked for")
@pytest.mark.parametrize("shape", ALL)
def test_one_world_breaks_no_promise(shape: str, capsys: pytest.CaptureFixture[str]) -> None:
    history, found = play(shape, int(_SEED or 0))

    with capsys.disabled():
        print(f"\n{history.trace()}")
    assert found == []


@pytest.mark.parametrize("name", MUTANTS)
def test_mistake_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what it does: a mutant that cannot even run shows nothing."""
    MUTANTS[name].infect(monkeypatch)

    worlds = (play(shape, seed)[1] for seed in range(_MOST) for shape in MUTANTS[name].shapes)
    found = next((found for found in worlds if found), [])
    assert found
    assert not [one for one in found if one.startswith("raised")]


@pytest.mark.parametrize("shape", ALL)
def test_nothing_is_repaired_where_nothing_goes_wrong(shape: str) -> None:
    for seed in range(3):
        history, found = play(shape, seed, faults=False)

        assert found == []
        assert repairs(history) == 0


def test_world_repeats_exactly() -> None:
    for seed in range(3):
        assert play("nest", seed)[0].trace() == play("nest", seed)[0].trace()
