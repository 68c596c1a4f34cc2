"""What must hold of a workflow while it goes on, in whatever order things happened to it."""

from collections.abc import Iterator
from datetime import timedelta

from tests.simulation.history import Event, Saved, Started, Wrote
from tests.simulation.run_oracle import BADLY
from tests.simulation.run_replay import Replay, control_of, is_run
from workerless.membership import Membership, read_membership
from workerless.record import Record
from workerless.workflow.compensation import ancestors
from workerless.workflow.control import INSIDE, UNDO, Control, Phase
from workerless.workflow.definition import Definition, Node, OnFailure, compensates
from workerless.workflow.mark import Mark, SlotState, member_id
from workerless.workflow_ports import Container

WELL = (SlotState.COMPLETED, SlotState.COMPLETED_WITH_ERRORS, SlotState.DISCARDED)
_WITH_RESULT = (SlotState.COMPLETED, SlotState.COMPLETED_WITH_ERRORS)
_ORDER = (Phase.RUNNING, Phase.COMPENSATING, Phase.ENDED)
# Who decided before may be slow to write it.
_RACE = timedelta(minutes=10)
_UNDONE = (SlotState.COMPLETED, SlotState.DISCARDED)


def check(event: Event, seen: Replay) -> Iterator[str]:
    """What is wrong with an event, after all that was ``seen``."""
    match event:
        case Wrote(before=None, after=record) if record.member_of is not None:
            yield from _of_put(record, read_membership(record.member_of), seen)
        case Saved(before=before, after=after) if before is not None and is_run(after):
            yield from _of_decision(before, after, seen)
            yield from _of_return(before, after, seen, by=event.by)
        case Started(job_id=job_id) if job_id in seen.records:
            yield from _of_start(seen.records[job_id], seen)
        case _:
            pass


def _of_put(record: Record, place: Membership, seen: Replay) -> Iterator[str]:
    """It was decided on before, and is made once."""
    container = seen.containers.get(place.container_id)
    if container is None:
        yield f"{record.job_id} is a member of nothing"
    elif is_run(container) and place.slot not in container.marks:
        yield f"{record.job_id} was made and not decided on"
    if record.job_id in seen.records:
        yield f"{record.job_id} was made twice"


def _of_start(record: Record, seen: Replay) -> Iterator[str]:
    """Nothing runs any more once what was done is made good, but what a person redrove."""
    if record.member_of is None or record.generation > 1:
        return
    place = read_membership(record.member_of)
    container = seen.containers[place.container_id]
    if is_run(container) and not _is_undo(place.slot):
        phase = control_of(container).phase
        if phase is not Phase.RUNNING:
            yield f"{record.job_id} runs while its workflow is {phase}"


def _of_decision(before: Container, after: Container, seen: Replay) -> Iterator[str]:
    definition, control = seen.definition(after), control_of(after)
    yield from _of_change(definition, before, after)
    for slot in after.marks.keys() - before.marks.keys():
        if _is_undo(slot):
            yield from _of_undo(slot, control, after, seen)
        else:
            yield from _of_step(slot, definition, control, after, seen)
    if control.phase is Phase.COMPENSATING and control_of(before).phase is Phase.RUNNING:
        yield from _of_plan(definition, control, before, seen)
    if control.phase is Phase.ENDED and control.undo:
        left = [slot for slot in control.undo if not _is_over(after.marks.get(slot))]
        if left:
            yield f"{after.container_id} ended before {left}"


def _of_change(definition: Definition, before: Container, after: Container) -> Iterator[str]:
    """What was decided stays so, but for a run that begins a new life."""
    old, new, ref = control_of(before), control_of(after), after.container_id
    if new.generation == old.generation:
        is_back = _ORDER.index(new.phase) < _ORDER.index(old.phase)
        if is_back or (old.cancel and not new.cancel) or new.undo[: len(old.undo)] != old.undo:
            yield f"{ref}: {old} became {new}"
        return
    stuck = [
        node.name
        for node in definition.nodes
        if node.on_failure is OnFailure.FAIL
        and (slot := new.slot(node.name)) not in new.called_off
        and (mark := after.marks.get(slot))
        and mark.state in BADLY
        and mark.generation == 1
    ]
    if stuck and not new.cancel:
        yield f"{ref} goes on, and {stuck} stand as they failed"


def _of_return(before: Container, after: Container, seen: Replay, *, by: str) -> Iterator[str]:
    """No part goes on that what is around it has left behind; who retries writes that first."""
    old, new = control_of(before), control_of(after)
    if new.generation == old.generation or new.cancel or by.startswith("caller"):
        return
    since = [seen.left[one] for one in seen.around(after) if one in seen.left]
    if since and seen.now - min(since) > _RACE:
        yield f"{after.container_id} goes on, and what is around it does not"


def _of_step(
    slot: str, definition: Definition, control: Control, run: Container, seen: Replay
) -> Iterator[str]:
    """It starts in a workflow that goes on, after all that it depends on."""
    node = definition.by_name[slot.partition(":")[2]]
    if control.phase is not Phase.RUNNING or control.cancel or slot != control.slot(node.name):
        yield f"{run.container_id}: {slot} starts under {control}"
    for name in node.after:
        been = seen.been[member_id(run.container_id, control.slot(name))]
        goes_on = definition.by_name[name].on_failure is OnFailure.IGNORE
        allowed = (*WELL, *BADLY) if goes_on else WELL
        if not been & set(allowed):
            yield f"{run.container_id}: {slot} starts after {name}, which was only ever {been}"


def _of_undo(slot: str, control: Control, run: Container, seen: Replay) -> Iterator[str]:
    """One after another, once nothing else runs."""
    ref = run.container_id
    where = f"{ref}: {slot}"
    if control.phase is not Phase.COMPENSATING or slot not in control.undo:
        yield f"{where} starts under {control}"
        return
    first = control.undo[: control.undo.index(slot)]
    busy = [one for one in first if not _is_over(run.marks.get(one))]
    if busy:
        yield f"{where} starts before {busy} ended"
    for one, mark in run.marks.items():
        if not _is_undo(one) and (not _is_over(mark) or seen.runs(member_id(ref, one))):
            yield f"{where} starts while {one} runs"


def _of_plan(
    definition: Definition, control: Control, run: Container, seen: Replay
) -> Iterator[str]:
    """All that began and can be made good is, the last first; and there is a reason to."""
    where = f"{run.container_id} makes good {control.undo}"
    must: set[str] = set()
    may: set[str] = set()
    for node in definition.nodes:
        slots = _due(node, control, run, seen)
        may |= slots
        must |= {
            slot
            for slot in slots
            if seen.jobs_of(member_id(run.container_id, _undoes(slot))) & seen.started
        }
    if not must <= set(control.undo) <= may:
        yield f"{where}, must {must}, may {may}"
    yield from _of_order(where, definition, control, run)
    failed = [
        node.name
        for node in definition.nodes
        if node.on_failure is OnFailure.FAIL
        and (mark := run.marks.get(control.slot(node.name)))
        and mark.state in BADLY
    ]
    if not failed and not (control.cancel and control.cancel.compensate):
        yield f"{where} for nothing"


def _of_order(
    where: str, definition: Definition, control: Control, run: Container
) -> Iterator[str]:
    """Nothing before what came of it; of what is free, the last to end."""
    above = ancestors(definition)
    at = {_step_of(slot): run.marks[_undoes(slot)].at for slot in reversed(control.undo)}
    left = list(dict.fromkeys(_step_of(slot) for slot in control.undo))
    while left:
        step = left[0]
        free = {one for one in left if not any(one in above[other] for other in left)}
        if step not in free or at[step] < max(at[one] for one in free):
            yield f"{where}: {step} before its time"
        left.remove(step)


def _due(node: Node, control: Control, run: Container, seen: Replay) -> set[str]:
    """What is to be made good of a step: each time that it began, unless that has been."""
    found = set[str]()
    for epoch in range(1, control.epoch(node.name) + 1):
        slot = f"{epoch}:{node.name}"
        member = member_id(run.container_id, slot)
        if not seen.jobs_of(member) & seen.begun:
            continue
        is_inside = compensates(node.part) and seen.state(member) in _WITH_RESULT
        slots = ({slot + UNDO} if node.compensate else set()) | (
            {slot + INSIDE} if is_inside else set()
        )
        undone = [run.marks.get(one) for one in slots]
        if not all(mark and mark.state in _UNDONE for mark in undone):
            found |= slots
    return found


def _is_over(mark: Mark | None) -> bool:
    """Also what a person redrove since."""
    return mark is not None and (mark.has_ended or mark.generation > 1)


def _is_undo(slot: str) -> bool:
    return slot.endswith((UNDO, INSIDE))


def _undoes(slot: str) -> str:
    return slot.removesuffix(UNDO).removesuffix(INSIDE)


def _step_of(slot: str) -> str:
    return slot.partition(":")[2].partition("-")[0]
