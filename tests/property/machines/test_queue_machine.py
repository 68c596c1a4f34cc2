"""The protocol as a whole loses nothing and completes nothing twice; a wrong one is caught."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.property.machines.queue_machine import QueueMachine
from tests.property.machines.sizes import HUNTED, PLAYED
from tests.simulation.mutants import MUTANTS, Mutant

CAUGHT = {
    "no fence on finish",
    "no cap on attempts that fail",
    "takes live leases",
    "runs before its time",
    "charges for waiting",
    "no dead letter for one found failed",
    "puts a job off for ever",
}


def test_nothing_is_lost_and_nothing_is_completed_twice() -> None:
    run_state_machine_as_test(QueueMachine, settings=PLAYED)


@pytest.mark.parametrize(
    "mutant", [one for one in MUTANTS if one.fault in CAUGHT], ids=lambda mutant: mutant.fault
)
def test_wrong_protocol_is_caught(mutant: Mutant) -> None:
    with mutant.at_work(), pytest.raises((AssertionError, ValueError)):
        run_state_machine_as_test(QueueMachine, settings=HUNTED)
