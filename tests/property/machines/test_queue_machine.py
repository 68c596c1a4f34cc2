"""The protocol as a whole loses nothing and completes nothing twice; a wrong one is caught."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.property.machines.queue_machine import QueueMachine
from tests.property.machines.sizes import HUNTED, PLAYED
from tests.simulation.mutants import MUTANTS

BY_FAULT = {mutant.fault: mutant for mutant in MUTANTS}
WRONG = (
    "no fence on finish",
    "takes live leases",
    "runs before its time",
    "charges for waiting",
    "puts a job off for ever",
)


def test_nothing_is_lost_and_nothing_is_completed_twice() -> None:
    run_state_machine_as_test(QueueMachine, settings=PLAYED)


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_protocol_is_caught(fault: str) -> None:
    with BY_FAULT[fault].at_work(), pytest.raises((AssertionError, ValueError)):
        run_state_machine_as_test(QueueMachine, settings=HUNTED)
