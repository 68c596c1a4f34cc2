"""Jobs that gates hold back, in worlds that go wrong: all other promises hold, and the gates' own.

``FLOW_SEED=7`` plays one schedule and prints its trace, ``FLOW_COUNT=20000`` as many.
"""

import os
from collections import Counter

import pytest

from tests.simulation.checkers import WITH_SWEEPER, WITHOUT_SWEEPER, broken
from tests.simulation.flow_mutants import FLOW_MUTANTS
from tests.simulation.flow_plan import draw_flow_plan
from tests.simulation.history import History
from tests.simulation.key_checkers import no_key_has_more_running_than_may
from tests.simulation.mutant import Mutant
from tests.simulation.rate_checkers import limits_hold
from tests.simulation.sweeping import sweep_all
from tests.simulation.world import World

_COUNT = int(os.environ.get("FLOW_COUNT", "400"))
# Schedules within which a mutant is caught.
_TRIES = 200
_SEED = os.environ.get("FLOW_SEED")


def play(seed: int, *, sweeps: bool = True) -> tuple[History, list[str]]:
    plan = draw_flow_plan(seed)
    history = World(seed, plan=plan, sweep=sweep_all if sweeps else None).run()
    standing = broken(history, WITH_SWEEPER if sweeps else WITHOUT_SWEEPER)
    keys = no_key_has_more_running_than_may(history, plan.job_type)
    return history, [*standing, *keys, *limits_hold(history, plan.job_type.rate_limits)]


@pytest.mark.skipif(_SEED is not None, reason="one seed is asked for")
def test_no_schedule_with_gates_breaks_a_promise() -> None:
    cells: Counter[tuple[str, str]] = Counter()
    for seed in range(_COUNT):
        history, problems = play(seed)
        again = f"again: FLOW_SEED={seed} pytest tests/simulation/test_flow.py"
        assert problems == [], f"{history.trace()}\n\n{problems}\n{again}"
        cells += history.cells

    assert cells["outcome", "job.waiting"] > _COUNT / 10


@pytest.mark.skipif(_SEED is None, reason="no seed is asked for")
def test_one_schedule_with_gates_breaks_no_promise(capsys: pytest.CaptureFixture[str]) -> None:
    history, problems = play(int(_SEED or 0))

    with capsys.disabled():
        print(f"\n{history.trace()}")
    assert problems == []


@pytest.mark.parametrize("mutant", FLOW_MUTANTS, ids=lambda mutant: mutant.fault)
def test_schedules_with_gates_catch(mutant: Mutant) -> None:
    with mutant.at_work():
        assert any(play(seed, sweeps=mutant.sweeps)[1] for seed in range(_TRIES))
