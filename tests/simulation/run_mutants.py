"""Workflows with one mistake each. The simulation has to notice every one of them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from workerless.errors import StoreUnavailableError
from workerless.execution import workflow_sweep
from workerless.frozen import replace
from workerless.orchestration import batch as filling
from workerless.orchestration import look, retry, run, start, tell
from workerless.testing.workflow.containers import InMemoryContainers
from workerless.workflow import advance, command, compensation, mark
from workerless.workflow.advance import Decision
from workerless.workflow.standing import Standing, lets_start


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """What is replaced where, all of it at once, and the shapes that show it."""

    by: tuple[tuple[Any, str, Any], ...]
    shapes: tuple[str, ...]

    def infect(self, patch: pytest.MonkeyPatch) -> None:
        for target, name, by in self.by:
            patch.setattr(target, name, by)


def _plan_in_order(*args: Any) -> tuple[str, ...]:
    return _undo_plan(*args)[::-1]


def _plan_of_completed(definition: Any, control: Any, marks: Any) -> tuple[str, ...]:
    """A step that failed may have done something all the same."""
    completed = {
        slot: one if one.state is mark.SlotState.COMPLETED else replace(one, began=False)
        for slot, one in marks.items()
    }
    return _undo_plan(definition, control, completed)


def _plan_without_parts(*args: Any) -> tuple[str, ...]:
    return tuple(slot for slot in _undo_plan(*args) if not slot.endswith("-inside"))


_undo_plan = compensation.undo_plan


def _all_at_once(definition: Any, control: Any, marks: Any, lost: frozenset[str]) -> Decision:
    starts = [slot for slot in control.undo if slot not in marks or slot in lost]
    if starts:
        undo = advance._undo  # noqa: SLF001
        return Decision(starts=tuple(undo(one, definition, marks) for one in starts))
    if all(marks[slot].has_ended for slot in control.undo):
        return Decision(control=advance._over(control))  # noqa: SLF001
    return Decision()


def _after_one(node: Any, nodes: Any, stand: Any) -> bool:
    is_waiting = stand[node.name] is Standing.WAITING
    ways = [lets_start(nodes[one], stand[one]) for one in node.after]
    return is_waiting and (any(ways) or not ways)


def _whatever_anybody_saved(self: Any, container: Any, marks: Any = None) -> bool:
    old = self._roots.get(container.container_id)
    version = old.version if old else container.version
    return _save(self, replace(container, version=version), marks)


_save: Callable[..., bool] = InMemoryContainers.save


def _act_first(run_: Any, before: Any, decision: Any, world: Any) -> Any:
    start.start_all(decision.starts, run_, world)
    return _written(run_, before, decision, world)


_written = run._written  # noqa: SLF001


def _nobody_is_lost(*_: Any) -> frozenset[str]:
    return frozenset()


def _mend_without_lost(flow: Any, sweeper: Any) -> Any:
    return [replace(one, lost=()) for one in _mend(flow, sweeper)]


def _told_if_it_goes(*args: Any) -> None:
    with suppress(StoreUnavailableError):
        _tell_around(*args)


_tell_around = tell.tell_around


def _mend_without_parts(flow: Any, sweeper: Any) -> Any:
    return [one for one in _mend(flow, sweeper) if one.container_id == flow.container_id]


_mend = workflow_sweep._mend  # noqa: SLF001


def _mark_of_any_life(one: Any) -> str:
    """What sorts as if a redriven job were the one before."""
    return f"{1:07}{_write_mark(one)[7:]}"


_write_mark = mark.write_mark


def _retried_alone(definition: Any, control: Any, *args: Any, **options: Any) -> Any:
    """Not what depends on a step that begins anew."""
    after = _retried(definition, control, *args, **options)
    wanted = {node.name for node in definition.nodes if not node.after}
    epochs = {name: epoch for name, epoch in after.epochs.items() if name in wanted}
    return replace(after, epochs={**control.epochs, **epochs})


def _retried_in_place(definition: Any, control: Any, *args: Any, **options: Any) -> Any:
    """Under the ids of before."""
    return replace(_retried(definition, control, *args, **options), epochs=control.epochs)


_retried = command.retried


def _noted_before(group: Any, control: Any, batch: Any, world: Any) -> bool:
    """How far a batch is filled, before its members are made."""
    module: Any = filling
    made, later = module._make, list[Any]()

    def make_later(*args: Any) -> int:
        later.append(args)
        return sum(map(len, args[1]))

    module._make = make_later
    try:
        more = _fill(group, control, batch, world)
    finally:
        module._make = made
    for args in later:
        made(*args)
    return more


_fill = filling._fill  # noqa: SLF001


def _left_to_itself(*_: Any) -> None:
    """A part does not ask how what is around it stands."""


MUTANTS: Mapping[str, Mutant] = {
    "made good in the order in which it was done": Mutant(
        by=((advance, "undo_plan", _plan_in_order),), shapes=("saga",)
    ),
    "only what completed is made good": Mutant(
        by=((advance, "undo_plan", _plan_of_completed),), shapes=("saga",)
    ),
    "what parts did is not made good": Mutant(
        by=((advance, "undo_plan", _plan_without_parts),), shapes=("saga",)
    ),
    "all is made good at once": Mutant(
        by=((advance, "_compensating", _all_at_once),), shapes=("saga",)
    ),
    "a step starts after one of its parents": Mutant(
        by=((advance, "_is_ready", _after_one),), shapes=("diamond",)
    ),
    "a decision does not ask who decided meanwhile": Mutant(
        by=((InMemoryContainers, "save", _whatever_anybody_saved),), shapes=("saga", "cancelled")
    ),
    "members are made before it is decided": Mutant(
        by=((run, "_written", _act_first),), shapes=("chain",)
    ),
    "nobody looks for steps that were never made": Mutant(
        by=(
            (look, "find_lost", _nobody_is_lost),
            (workflow_sweep, "_mend", _mend_without_lost),
        ),
        shapes=("chain",),
    ),
    "a part tells how it ended once, and nobody asks": Mutant(
        by=(
            (run, "tell_around", _told_if_it_goes),
            (workflow_sweep, "_mend", _mend_without_parts),
        ),
        shapes=("nest",),
    ),
    "marks know nothing of redrives": Mutant(
        by=((mark, "write_mark", _mark_of_any_life),), shapes=("group", "crowd")
    ),
    "what depends on a retried step keeps its result": Mutant(
        by=((retry, "retried", _retried_alone),), shapes=("retried",)
    ),
    "a retry begins under the ids of before": Mutant(
        by=((retry, "retried", _retried_in_place),), shapes=("retried",)
    ),
    "a batch is filled before its members are": Mutant(
        by=((filling, "_fill", _noted_before),), shapes=("crowd",)
    ),
    "a part goes on though what is around it was made good": Mutant(
        by=((run, "left_by", _left_to_itself),), shapes=("saga",)
    ),
}
