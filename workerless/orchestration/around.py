"""What the containers around a nested one have decided, against which it does not go on."""

import json
from collections.abc import Sequence

from workerless.frozen import frozen
from workerless.membership import ROOT, Membership, read_membership
from workerless.orchestration.world import Orchestra
from workerless.record import Record
from workerless.workflow.batch import read_batch
from workerless.workflow.control import UNDO, Control, read_control
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


def leaving_jobs(jobs: Sequence[Record], world: Orchestra) -> dict[str, Leaving]:
    """By id, of the members of batches and workflows that would run for nobody any more.

    Never of a compensation: what it is to make good may still be there.
    """
    places = {
        one.job_id: place
        for one in jobs
        if one.member_of and not (place := read_membership(one.member_of)).slot.endswith(UNDO)
    }
    ids = list(dict.fromkeys(place.container_id for place in places.values()))
    found = world.containers.read_many(ids) if ids else []
    around = {one.container_id: one for one in found if one is not None}
    outside = {one: left_by(container, world) for one, container in around.items()}
    told = {
        job_id: _left_job(around.get(place.container_id), place, outside.get(place.container_id))
        for job_id, place in places.items()
    }
    return {job_id: leaving for job_id, leaving in told.items() if leaving}


def _left_job(
    container: Container | None, place: Membership, outside: Leaving | None
) -> Leaving | None:
    if container is not None:
        return _leaving(container, place) or outside
    # A batch is only counted: without it a job is one that nobody counts.
    gone = Leaving(container_id=place.container_id, why="is past its time")
    return gone if place.page == ROOT else None


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
