"""Compensations that a run still lacks: begun anew, its steps would have done twice what they do.

A person has two words for a compensation that failed: redriven it makes good what it should, and
discarded it says that somebody has seen to it by hand.
"""

from collections.abc import Sequence

from workerless.errors import WorkflowStateError
from workerless.orchestration.world import Orchestra
from workerless.states import State
from workerless.workflow.control import UNDO
from workerless.workflow.definition import Definition, compensates
from workerless.workflow.mark import SlotState, member_id
from workerless.workflow_ports import Container

_SEEN_TO = (State.COMPLETED, State.DISCARDED, State.CANCELLED)
_UNDONE = (SlotState.COMPLETED, SlotState.DISCARDED)
_TOLD = 3


def check_undone(run: Container, world: Orchestra) -> None:
    """Raises ``WorkflowStateError`` naming the jobs of compensations that failed, or run again.

    Those of parts in it, too, whichever epoch they are of. One that never was a job stops nobody:
    there is nothing that could be redriven.
    """
    left = [(run, world.definition(run))]
    lacking = list[str]()
    while left:
        lacking += _lacking([container for container, _ in left], world)
        left = _parts(left, world)
    if lacking:
        more = f" and {len(lacking) - _TOLD} more" if len(lacking) > _TOLD else ""
        raise WorkflowStateError(
            f"{run.container_id!r} has not made good all that it did: redrive "
            f"{', '.join(lacking[:_TOLD])}{more}, or discard what you have seen to by hand; "
            "then retry"
        )


def _lacking(containers: Sequence[Container], world: Orchestra) -> list[str]:
    ids = [
        member_id(container.container_id, slot)
        for container in containers
        for slot, mark in container.marks.items()
        if slot.endswith(UNDO) and mark.state not in _UNDONE
    ]
    records = world.store.get_many(ids) if ids else []
    return [one.job_id for one in records if one is not None and one.state not in _SEEN_TO]


def _parts(
    around: Sequence[tuple[Container, Definition]], world: Orchestra
) -> list[tuple[Container, Definition]]:
    within = {
        member_id(container.container_id, slot): part
        for container, definition in around
        for slot in container.marks
        if isinstance(part := _part(definition, slot), Definition) and compensates(part)
    }
    found = world.containers.read_many(list(within)) if within else []
    return [(one, within[one.container_id]) for one in found if one is not None]


def _part(definition: Definition, slot: str) -> object:
    node = definition.by_name.get(slot.partition(":")[2])
    return node and node.part
