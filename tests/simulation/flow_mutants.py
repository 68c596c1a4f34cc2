"""Flow control with one thing wrong, each as a mutant that schedules with gates must catch."""

from dataclasses import replace
from typing import Any

from tests.simulation.mutant import Mutant
from workerless.execution import settle
from workerless.execution.gates import line
from workerless.flow.permits import Holder, free_without, taken
from workerless.outcome import Waiting
from workerless.testing.flow import rates
from workerless.transition import Finish

_taken, _free = taken, free_without
_comes_back = settle._comes_back  # noqa: SLF001 -- mutants reach where nobody else may


def _charging_for_waits(record: Any, outcome: Any, runtime: Any) -> Finish | None:
    finish = _comes_back(record, outcome, runtime)
    return replace(finish, refund=False) if finish and isinstance(outcome, Waiting) else finish


def _never(*_: Any) -> bool:
    return False


def _let_go(*_: Any) -> bool:
    return True


def _whatever_the_limit(permits: Any, holder: Any, *, limit: int, now: Any) -> Any:
    return _taken(permits, holder, limit=limit + 1, now=now)


def _to_one_too_many(permits: Any, job_id: str, *, limit: int, now: Any) -> int:
    return _free(permits, job_id, limit=limit, now=now) + 1


def _always(*_: Any) -> bool:
    return True


FLOW_MUTANTS = (
    Mutant(fault="gives a permit too many", owner=line, name="taken", by=_whatever_the_limit),
    Mutant(
        fault="hands over a permit too many",
        owner=line,
        name="free_without",
        by=_to_one_too_many,
    ),
    Mutant(fault="keeps the permits of the dead", owner=Holder, name="is_over", by=_never),
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
    Mutant(fault="takes a slot that another has", owner=rates, name="may", by=_always),
)
