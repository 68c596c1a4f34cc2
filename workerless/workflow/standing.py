"""How each step of a run stands, as its marks tell. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from workerless.workflow.control import Control
from workerless.workflow.definition import Definition, Node, OnFailure
from workerless.workflow.mark import Mark, SlotState


class Standing(StrEnum):
    """Where a step is.

    ``SKIPPED``: it will not start, since a step that it depends on did not end well.
    ``CALLED_OFF``: it was told to end since another had failed; it starts again if that one is
    redriven and completes.
    """

    WAITING = "waiting"
    STARTED = "started"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"
    SKIPPED = "skipped"
    CALLED_OFF = "called_off"


_WELL = {Standing.COMPLETED, Standing.COMPLETED_WITH_ERRORS, Standing.DISCARDED}
_BADLY = {Standing.FAILED, Standing.CANCELLED}
_IN_ERROR = {*_BADLY, Standing.COMPLETED_WITH_ERRORS, Standing.SKIPPED}


def standings(
    definition: Definition, control: Control, marks: Mapping[str, Mark]
) -> dict[str, Standing]:
    """By step, in the order of the definition, which has each step after those it depends on."""
    nodes, found = definition.by_name, dict[str, Standing]()
    for node in definition.nodes:
        slot = control.slot(node.name)
        if mark := marks.get(slot):
            was_called_off = slot in control.called_off and mark.state is SlotState.CANCELLED
            found[node.name] = Standing.CALLED_OFF if was_called_off else Standing(mark.state.value)
        else:
            is_off = any(_leaves_out(nodes[one], found[one]) for one in node.after)
            found[node.name] = Standing.SKIPPED if is_off else Standing.WAITING
    return found


def _leaves_out(node: Node, standing: Standing) -> bool:
    """Whether what depends on ``node`` is skipped."""
    went_on = standing in _BADLY and node.on_failure is OnFailure.CONTINUE
    return standing is Standing.SKIPPED or went_on


def lets_start(node: Node, standing: Standing) -> bool:
    """Whether what depends on ``node`` may start, as far as that one goes."""
    return standing in _WELL or (standing in _BADLY and node.on_failure is OnFailure.IGNORE)


def fails_all(node: Node, standing: Standing) -> bool:
    """Whether the workflow fails of ``node``."""
    return standing in _BADLY and node.on_failure is OnFailure.FAIL


def has_errors(standing: Standing) -> bool:
    """Whether a workflow that goes on completes with errors for it."""
    return standing in _IN_ERROR
