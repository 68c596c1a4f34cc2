"""A protocol with one thing wrong must not pass: what these schedules cannot find, they prove."""

import pytest

from tests.simulation.mutant import Mutant
from tests.simulation.mutants import MUTANTS
from tests.simulation.survey import first_broken

_SCHEDULES = 500


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.fault)
def test_mutant_is_caught(mutant: Mutant, capsys: pytest.CaptureFixture[str]) -> None:
    with mutant.at_work():
        caught = first_broken(range(_SCHEDULES), sweeps=mutant.sweeps, long=mutant.long)

    assert caught is not None, f"{mutant.fault} survives {_SCHEDULES} schedules"
    seed, promise = caught
    with capsys.disabled():
        print(f"\nmutant: {mutant.fault}: schedule {seed + 1}, {promise.partition(':')[0]}")
