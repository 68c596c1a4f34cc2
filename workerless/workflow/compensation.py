"""What is made good when a workflow fails or is cancelled, and in which order. Pure.

The last to end is made good first, and nothing before all that came of it has been; so that clocks
that differ cannot turn the order of two steps round of which one waited for the other.
"""

from collections.abc import Mapping

from workerless.workflow.control import INSIDE, UNDO, Control
from workerless.workflow.definition import Definition, Node, compensates
from workerless.workflow.mark import Mark, SlotState

_UNDONE = (SlotState.COMPLETED, SlotState.DISCARDED)
_DONE = (SlotState.COMPLETED, SlotState.COMPLETED_WITH_ERRORS)


def undo_plan(
    definition: Definition, control: Control, marks: Mapping[str, Mark]
) -> tuple[str, ...]:
    """The slots of the compensations, in their order.

    Of each step that began, in every epoch that has not been made good, the latest first: whether
    or not it completed, since nobody knows what a failed one has done. A nested part that completed
    is undone from within too, after its own compensation; one that did not has seen to that itself.
    A compensation that had failed before is among them: it is told again, not run.
    """
    began = {
        node.name: slots
        for node in definition.nodes
        if (node.compensate or compensates(node.part)) and (slots := _begun(node, control, marks))
    }
    above = ancestors(definition)
    plan: list[str] = []
    left = list(began)
    while left:
        free = [name for name in left if not any(name in above[other] for other in left)]
        last = max(free, key=lambda name: (marks[began[name][0]].at, left.index(name)))
        left.remove(last)
        for slot in began[last]:
            plan += _slots(definition.by_name[last], slot, marks)
    return tuple(plan)


def _begun(node: Node, control: Control, marks: Mapping[str, Mark]) -> list[str]:
    """The slots of the epochs in which the step began, the latest first; not those made good."""
    slots = [f"{epoch}:{node.name}" for epoch in range(control.epoch(node.name), 0, -1)]
    return [
        slot
        for slot in slots
        if (mark := marks.get(slot)) and mark.began and not _is_undone(node, slot, marks)
    ]


def _is_undone(node: Node, slot: str, marks: Mapping[str, Mark]) -> bool:
    undone = [marks.get(one) for one in _slots(node, slot, marks)]
    return all(mark is not None and mark.state in _UNDONE for mark in undone)


def _slots(node: Node, slot: str, marks: Mapping[str, Mark]) -> list[str]:
    own = [slot + UNDO] if node.compensate else []
    is_inside = compensates(node.part) and marks[slot].state in _DONE
    return [*own, slot + INSIDE] if is_inside else own


def ancestors(definition: Definition) -> dict[str, frozenset[str]]:
    """All that each step depends on, also by way of others."""
    found: dict[str, frozenset[str]] = {}
    for node in definition.nodes:
        found[node.name] = frozenset(node.after).union(*(found[one] for one in node.after))
    return found
