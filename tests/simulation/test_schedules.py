"""The library's own client and worker in thousands of worlds that go wrong.

``SIMULATION_SEED=7`` plays one schedule and prints its trace, ``SIMULATION_COUNT=50000`` as many.
"""

import os

import pytest

from tests.simulation.cells import REACHABLE
from tests.simulation.survey import play, survey

_COUNT = int(os.environ.get("SIMULATION_COUNT", "2000"))
_SEED = os.environ.get("SIMULATION_SEED")
_SWEEPS = pytest.mark.parametrize("sweeps", [True, False], ids=["sweeper", "no sweeper"])


@pytest.mark.skipif(_SEED is not None, reason="one seed is asked for")
def test_no_schedule_breaks_a_promise(capsys: pytest.CaptureFixture[str]) -> None:
    """One in four goes without a sweeper: what a sweeper mends must not be broken often."""
    bare = _COUNT // 4

    found = [survey(range(bare, _COUNT)), survey(range(bare), sweeps=False)]

    with capsys.disabled():
        print(f"\nsimulation, with a sweeper: {found[0]}\nwithout one: {found[1]}")
    assert REACHABLE - {cell for one in found for cell in one.cells} == set()


@_SWEEPS
@pytest.mark.skipif(_SEED is None, reason="no seed is asked for")
def test_one_schedule_breaks_no_promise(
    capsys: pytest.CaptureFixture[str], *, sweeps: bool
) -> None:
    history, problems = play(int(_SEED or 0), sweeps=sweeps)

    with capsys.disabled():
        print(f"\n{history.trace()}")
    assert problems == []


@_SWEEPS
@pytest.mark.parametrize("seed", range(25))
def test_schedule_repeats_exactly(seed: int, *, sweeps: bool) -> None:
    first, second = (play(seed, sweeps=sweeps)[0] for _ in range(2))

    assert first.trace() == second.trace()
