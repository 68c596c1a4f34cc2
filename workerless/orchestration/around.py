"""What the containers around a nested one have decided, against which it does not go on."""

import json

from workerless.frozen import frozen
from workerless.membership import Membership, read_membership
from workerless.orchestration.world import Orchestra
from workerless.workflow.batch import read_batch
from workerless.workflow.control import Control, read_control
from workerless.workflow.definition import Kind
from workerless.workflow_ports import Container


@frozen
class Leaving:
    """Which one around has left it behind, in which of its steps it is, and why.

    ``step`` is None in what cannot be retried. ``compensate``: what it still does is to be made
    good.
    """

    container_id: str
    why: str
    step: str | None = None
    compensate: bool = True


def left_by(part: Container, world: Orchestra) -> Leaving | None:
    """The nearest that has; None of one that may go on."""
    inner = part
    while inner.member_of is not None:
        place = read_membership(inner.member_of)
        found = world.read(place.container_id)
        if found is None:
            return Leaving(container_id=place.container_id, why="is gone")
        if leaving := _leaving(found, place):
            return leaving
        inner = found
    return None


def _leaving(around: Container, place: Membership) -> Leaving | None:
    told = json.loads(around.control)
    if around.kind is Kind.BATCH:
        cancel = read_batch(told).cancel
        if cancel is None:
            return None
        return Leaving(
            container_id=around.container_id, why="was cancelled", compensate=cancel.compensate
        )
    return _left_by_run(around.container_id, read_control(told), place.slot)


def _left_by_run(container_id: str, control: Control, slot: str) -> Leaving | None:
    step = slot.partition(":")[2]
    if slot != control.slot(step):
        # Made good now, it would undo what the later one does.
        why = f"has begun {step!r} anew"
        return Leaving(container_id=container_id, why=why, step=step, compensate=False)
    if control.cancel:
        compensate = control.cancel.compensate
        why = "was cancelled"
        return Leaving(container_id=container_id, why=why, step=step, compensate=compensate)
    if control.undo:
        return Leaving(container_id=container_id, why="has made good what it did", step=step)
    return None
