"""One look at a run of a workflow: what follows is written down first, then done."""

import json
from collections.abc import Sequence

from workerless.frozen import replace
from workerless.membership import read_membership
from workerless.orchestration.around import left_by
from workerless.orchestration.cancel import call_off_job, cancel
from workerless.orchestration.start import start_all
from workerless.orchestration.tell import changed, keep_all, retire, tell_around
from workerless.orchestration.world import Orchestra
from workerless.workflow.advance import CallOff, Decision, Start, advance
from workerless.workflow.control import (
    Cancel,
    Control,
    Phase,
    failed_compensations,
    read_control,
    told_around,
    write_control,
)
from workerless.workflow.definition import Definition, Task
from workerless.workflow.mark import Mark, SlotState, member_id
from workerless.workflow_ports import Container

# DynamoDB takes expressions of 4 KB: 25 marks, under the longest names that there are.
_MARKED_AT_ONCE = 20


def look_at_run(run: Container, lost: frozenset[str], world: Orchestra) -> bool | None:
    """Whether to look again; None where somebody else decided meanwhile.

    ``lost`` are slots that were marked as started, and have no job. Raises as ``start_all`` does.
    """
    definition, control = world.definition(run), read_control(json.loads(run.control))
    leaving = left_by(run, world) if _may_go_on_again(control) else None
    if leaving and control.phase is Phase.RUNNING:
        reason = f"{leaving.container_id} {leaving.why}"
        cancel(run, Cancel(reason=reason, compensate=leaving.compensate), world)
        return True
    whole = advance(definition, control, run.marks, lost=lost, is_left=leaving is not None)
    decision = replace(whole, starts=_some(whole.starts, run))
    after = _written(run, control, decision, world)
    if after is None:
        return None
    more = start_all(decision.starts, run, world)
    more = _call_off(decision.call_off, definition, run, world) or more
    more = more or len(decision.starts) < len(whole.starts)
    control = decision.control or control
    _tell(after, control, world)
    if control.phase is Phase.ENDED:
        retire(after, world)
        return False
    return decision.control is not None or more


def _may_go_on_again(control: Control) -> bool:
    """Whether it has ended, or goes on after that though nobody around it may want it any more."""
    is_again = control.phase is Phase.RUNNING and control.generation > 1
    return control.phase is Phase.ENDED or (is_again and control.cancel is None)


def _some(starts: Sequence[Start], run: Container) -> tuple[Start, ...]:
    """As many new ones as one write may mark, and all that are made again."""
    known = tuple(start for start in starts if start.slot in run.marks)
    new = [start for start in starts if start.slot not in run.marks]
    return (*known, *new[:_MARKED_AT_ONCE])


def find_lost(run: Container, world: Orchestra) -> frozenset[str]:
    """The slots that are marked as started, of which there is neither job nor container."""
    started = {
        member_id(run.container_id, slot): slot
        for slot, mark in run.marks.items()
        if not mark.has_ended
    }
    if not started:
        return frozenset()
    ids = list(started)
    records = world.store.get_many(ids)
    left = [one for one, record in zip(ids, records, strict=True) if record is None]
    children = world.containers.read_many(left) if left else []
    gone = [one for one, child in zip(left, children, strict=True) if child is None]
    return frozenset(started[one] for one in gone)


def _written(
    run: Container, before: Control, decision: Decision, world: Orchestra
) -> Container | None:
    """The run with this decision in it; None where it has changed since it was read."""
    now, control = world.clock.now(), decision.control
    started = Mark(generation=1, state=SlotState.STARTED, at=now)
    # A mark that is there may have become another since: only what has none is begun here.
    marks = {start.slot: started for start in decision.starts if start.slot not in run.marks}
    if control is None and not marks:
        return run
    after = run
    if control is not None:
        if before.phase is Phase.ENDED:
            keep_all(run, world)
        after = changed(run, json.dumps(write_control(control)), _state(control), now)
    if not world.containers.save(after, marks):
        return None
    if control is not None and control.state is not None:
        bad = ",".join(failed_compensations(control, run.marks))
        world.tell("workflow.ended", run, state=control.state.value, not_compensated=bad or None)
    return after


def _state(control: Control) -> str | None:
    return control.state.value if control.state else None


def _tell(run: Container, control: Control, world: Orchestra) -> None:
    if run.member_of is not None:
        own = read_membership(run.member_of).slot
        slot, mark = told_around(control, run.marks, own, run.updated_at)
        tell_around(run, slot, mark, world)


def _call_off(
    off: Sequence[CallOff], definition: Definition, run: Container, world: Orchestra
) -> bool:
    """Whether some have ended, so that more may follow."""
    parts = {node.name: node.part for node in definition.nodes}
    of_jobs = {
        member_id(run.container_id, one.slot): one
        for one in off
        if isinstance(parts[one.step], Task)
    }
    has_more = False
    for record in world.store.get_many(list(of_jobs)) if of_jobs else []:
        if record is not None:
            one = of_jobs[record.job_id]
            ended = call_off_job(record, one.reason, world, if_running=one.if_running)
            has_more = has_more or ended
    for one in off:
        if isinstance(parts[one.step], Definition):
            part = world.read(member_id(run.container_id, one.slot))
            if part is not None:
                cancel(part, Cancel(reason=one.reason, compensate=one.compensate), world)
    return has_more
