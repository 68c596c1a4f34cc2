"""Flow control with one thing wrong, each as a mutant that schedules with gates must catch."""

from dataclasses import replace
from typing import Any

from tests.simulation.mutant import Mutant
from workerless.execution import settle
from workerless.outcome import Waiting
from workerless.transition import Finish

_comes_back = settle._comes_back  # noqa: SLF001 -- mutants reach where nobody else may


def _charging_for_waits(record: Any, outcome: Any, runtime: Any) -> Finish | None:
    finish = _comes_back(record, outcome, runtime)
    return replace(finish, refund=False) if finish and isinstance(outcome, Waiting) else finish


def _let_go(*_: Any) -> bool:
    return True


FLOW_MUTANTS = (
    Mutant(
        fault="spends an attempt on waiting",
        owner=settle,
        name="_comes_back",
        by=_charging_for_waits,
    ),
    Mutant(
        fault="lets a message go that nobody sends again",
        owner=settle,
        name="wait_outside",
        by=_let_go,
        sweeps=False,
    ),
)
