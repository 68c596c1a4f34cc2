"""Batches in five hundred worlds that go wrong: no member is lost, and each ends once.

``SIMULATION_SEED=7`` plays one and prints its trace, ``SIMULATION_COUNT=50000`` as many.
"""

import os
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, cast

import pytest

from tests.simulation.batch_checkers import problems, repairs
from tests.simulation.batch_mutants import MUTANTS
from tests.simulation.batches import CALLBACKS, Batches
from tests.simulation.history import History
from tests.simulation.job import Act
from tests.simulation.plan import JobPlan, Plan, Way, draw_plan
from tests.simulation.remote_containers import DeafContainers
from tests.simulation.world import World
from workerless import OnUnknownOutcome

_COUNT = int(os.environ.get("SIMULATION_COUNT", "500"))
_SEED = os.environ.get("SIMULATION_SEED")
_SIZES = (1, 2, 3, 5, 7, 40)


def draw_batch(seed: int) -> tuple[Plan, int]:
    """A plan of members only, and how many are added in a call."""
    rng = Random(seed)
    plan = draw_plan(rng)
    size = rng.choice(_SIZES)
    jobs = [_member(seed, number) for number in range(size)]
    jobs += [
        replace(_member(seed, number), text=text, acts=(), last=Act.SUCCEED)
        for number, text in enumerate(CALLBACKS.values())
    ]
    job_type = replace(plan.job_type, on_unknown_outcome=OnUnknownOutcome.RETRY)
    # Hours in which nothing is ever invoked would be all that a world has steps for.
    plan = replace(plan, jobs=tuple(jobs), job_type=job_type, throttled_for=timedelta(0))
    return plan, rng.choice((1, 3, 40, 100))


def _member(seed: int, number: int) -> JobPlan:
    """As any other job, but for waits of half a day, in which its batch is looked at a lot."""
    job = draw_plan(Random(f"{seed} {number}")).jobs[0]
    acts = tuple(Act.SNOOZE if act is Act.SNOOZE_LONG else act for act in job.acts)
    return replace(job, text=f"member-{number}", way=Way.MEMBER, acts=acts, padding=0)


def play(seed: int, *, faults: bool = True) -> tuple[History, list[str]]:
    """One batch, and what it broke."""
    plan, chunk = draw_batch(seed)
    if not faults:
        jobs = tuple(replace(job, acts=(), last=Act.SUCCEED) for job in plan.jobs)
        plan = replace(plan, jobs=jobs, budget=0, rates=dict.fromkeys(plan.rates, 0.0))
    batches: list[Batches] = []

    def sweep(world: World) -> None:
        batches[0].conductor.sweep(world)

    world = World(seed, plan=plan, sweep=sweep, operated=faults)
    ground = world.ground
    ground.store.containers = cast("Any", DeafContainers(ground, ground.containers))
    members = plan.jobs[: -len(CALLBACKS)]
    first = len(members) - (2 if len(members) > 2 and faults else 0)
    batches.append(Batches(ground=ground, jobs=members[:first], late=members[first:], chunk=chunk))
    batches[0].start()
    history = world.run()
    return history, problems(batches[0], history)


@pytest.mark.skipif(_SEED is not None, reason="one seed is asked for")
def test_no_member_is_lost_and_each_batch_ends_once(capsys: pytest.CaptureFixture[str]) -> None:
    repaired = 0
    for seed in range(_COUNT):
        history, found = play(seed)
        repaired += repairs(history) > 0
        assert not found, f"seed {seed}: {found}"

    with capsys.disabled():
        print(f"\nbatches: {_COUNT} worlds, the sweeper had something to repair in {repaired}")
    assert repaired > _COUNT / 20


def test_nothing_is_repaired_where_nothing_goes_wrong() -> None:
    for seed in range(20):
        history, found = play(seed, faults=False)

        assert found == []
        assert repairs(history) == 0


@pytest.mark.skipif(_SEED is None, reason="no seed is asked for")
def test_one_world_breaks_no_promise(capsys: pytest.CaptureFixture[str]) -> None:
    history, found = play(int(_SEED or 0))

    with capsys.disabled():
        print(f"\n{history.trace()}")
    assert found == []


def test_world_repeats_exactly() -> None:
    for seed in range(10):
        assert play(seed)[0].trace() == play(seed)[0].trace()


@pytest.mark.parametrize("name", MUTANTS)
def test_mistake_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name].infect(monkeypatch)

    assert any(play(seed)[1] for seed in range(250))
