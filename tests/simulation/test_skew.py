"""Clocks far apart: a lease's time only decides when another may try, never who may write."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from tests.simulation.checkers import WITH_SWEEPER, broken
from tests.simulation.plan import draw_plan
from tests.simulation.sweeping import sweep_all
from tests.simulation.world import World

# Two clocks may be twice this apart: far more than NTP allows, a little less than a lease's margin.
SKEW = timedelta(seconds=25)


@pytest.mark.parametrize("seed", range(60))
def test_clocks_that_disagree_cost_attempts_and_never_results(seed: int) -> None:
    plan = replace(draw_plan(Random(seed)), max_skew=SKEW)

    history = World(seed, plan=plan, sweep=sweep_all).run()

    assert broken(history, WITH_SWEEPER) == []
