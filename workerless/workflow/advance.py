"""What follows from how a run stands. Pure: asked again, it says the same again.

Whoever asks writes ``Decision.control``, with a mark that each of ``starts`` is started, in one
write that holds only if nobody else has decided since the run was read; then acts. Members' own
marks may come at any time between: a decision without them is followed by another with them. So no
step starts behind the back of a decision that compensation begins, or that the run has ended.
"""

from collections.abc import Mapping
from dataclasses import field

from workerless.frozen import frozen, replace
from workerless.workflow.binding import needs
from workerless.workflow.compensation import undo_plan
from workerless.workflow.control import INSIDE, UNDO, Control, Ending, Phase
from workerless.workflow.definition import Definition, Node, Task
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow.standing import Standing, fails_all, has_errors, lets_start, standings

_WITH_RESULT = (SlotState.COMPLETED, SlotState.COMPLETED_WITH_ERRORS)


@frozen
class Start:
    """A member to be made, under ``member_id`` of its slot; the same however often it is told.

    ``part`` is the job or the nested container, its inputs unbound; None tells to undo the nested
    container of ``undoes``. ``reads`` are the slots of the results that its inputs are taken from,
    by step; a step that it does not name gave none.
    """

    slot: str
    step: str
    part: Task | Definition | None
    reads: Mapping[str, str] = field(default_factory=dict)
    undoes: str | None = None


@frozen
class CallOff:
    """A member to be cancelled: a job that runs only ``if_running``, a nested container always."""

    slot: str
    step: str
    reason: str
    if_running: bool
    compensate: bool


@frozen
class Decision:
    """What to write first, None where nothing changes, and what to do then.

    After a change the run is to be looked at again, unless it has ended.
    """

    control: Control | None = None
    starts: tuple[Start, ...] = ()
    call_off: tuple[CallOff, ...] = ()


_NOTHING = Decision()


def advance(
    definition: Definition,
    control: Control,
    marks: Mapping[str, Mark],
    *,
    lost: frozenset[str] = frozenset(),
    is_left: bool = False,
) -> Decision:
    """What to do about a run of ``definition``, given the marks by slot.

    ``lost`` are slots that were marked as started, of which there is no job: started again.
    ``is_left``: a container around it was cancelled or has begun to make good what it did, so that
    what ended stays as it is.
    """
    match control.phase:
        case Phase.RUNNING:
            return _running(definition, control, marks, lost)
        case Phase.COMPENSATING:
            return _compensating(definition, control, marks, lost)
        case Phase.ENDED:
            return _NOTHING if is_left else _ended(definition, control, marks)


def _running(
    definition: Definition, control: Control, marks: Mapping[str, Mark], lost: frozenset[str]
) -> Decision:
    stand = standings(definition, control, marks)
    failed = _failed(definition, stand)
    if control.cancel or failed:
        return _stopping(definition, control, marks, lost, stand)
    if again := [name for name, standing in stand.items() if standing is Standing.CALLED_OFF]:
        epochs = {name: control.epoch(name) + 1 for name in again}
        return Decision(control=replace(control, epochs={**control.epochs, **epochs}))
    nodes = definition.by_name
    due = [
        node
        for node in definition.nodes
        if _is_ready(node, nodes, stand) or _is_lost(node, control, stand, lost)
    ]
    if not due and Standing.STARTED not in stand.values():
        has_any = any(has_errors(one) for one in stand.values())
        state = Ending.COMPLETED_WITH_ERRORS if has_any else Ending.COMPLETED
        return Decision(control=replace(control, phase=Phase.ENDED, state=state))
    return Decision(starts=tuple(_start(node, control, marks) for node in due))


def _failed(definition: Definition, stand: Mapping[str, Standing]) -> list[str]:
    return [node.name for node in definition.nodes if fails_all(node, stand[node.name])]


def _is_ready(node: Node, nodes: Mapping[str, Node], stand: Mapping[str, Standing]) -> bool:
    is_waiting = stand[node.name] is Standing.WAITING
    return is_waiting and all(lets_start(nodes[one], stand[one]) for one in node.after)


def _is_lost(
    node: Node, control: Control, stand: Mapping[str, Standing], lost: frozenset[str]
) -> bool:
    return stand[node.name] is Standing.STARTED and control.slot(node.name) in lost


def _stopping(
    definition: Definition,
    control: Control,
    marks: Mapping[str, Mark],
    lost: frozenset[str],
    stand: Mapping[str, Standing],
) -> Decision:
    """Nothing more starts, what waits is called off; and once nothing runs, what was is undone."""
    running = [node for node in definition.nodes if stand[node.name] is Standing.STARTED]
    if not running:
        return Decision(control=_stopped(definition, control, marks))
    off = _call_off(running, control, marks, _failed(definition, stand))
    new = [one.slot for one in off if one.slot not in control.called_off]
    return Decision(
        control=replace(control, called_off=(*control.called_off, *new)) if new else None,
        starts=tuple(
            _start(node, control, marks) for node in running if _is_lost(node, control, stand, lost)
        ),
        call_off=off,
    )


def _call_off(
    running: list[Node], control: Control, marks: Mapping[str, Mark], failed: list[str]
) -> tuple[CallOff, ...]:
    """All, of a run that was cancelled; of one that fails not what a person has redriven."""
    cancel = control.cancel
    return tuple(
        CallOff(
            slot=control.slot(node.name),
            step=node.name,
            reason=cancel.reason if cancel else f"step {failed[0]} failed",
            if_running=cancel is not None,
            compensate=cancel is None or cancel.compensate,
        )
        for node in running
        if cancel or marks[control.slot(node.name)].generation == 1
    )


def _stopped(definition: Definition, control: Control, marks: Mapping[str, Mark]) -> Control:
    leaves_it = control.cancel is not None and not control.cancel.compensate
    undo = () if leaves_it else undo_plan(definition, control, marks)
    if undo:
        return replace(control, phase=Phase.COMPENSATING, undo=undo)
    return _over(control)


def _over(control: Control) -> Control:
    state = Ending.CANCELLED if control.cancel else Ending.FAILED
    return replace(control, phase=Phase.ENDED, state=state)


def _compensating(
    definition: Definition, control: Control, marks: Mapping[str, Mark], lost: frozenset[str]
) -> Decision:
    """One after another; one that fails for good does not keep the others from it."""
    for slot in control.undo:
        mark = marks.get(slot)
        if mark is None or slot in lost:
            return Decision(starts=(_undo(slot, definition, marks),))
        if not mark.has_ended:
            return _NOTHING
    return Decision(control=_over(control))


def _ended(definition: Definition, control: Control, marks: Mapping[str, Mark]) -> Decision:
    """It goes on if what it failed of was redriven, unless it has made good what it did."""
    if control.undo or control.cancel:
        return _NOTHING
    before = replace(control, phase=Phase.RUNNING, state=None)
    if _failed(definition, standings(definition, before, marks)):
        return _NOTHING
    then = _running(definition, before, marks, frozenset()).control
    if then is not None and then.phase is Phase.ENDED and then.state is control.state:
        return _NOTHING
    return Decision(control=replace(before, generation=control.generation + 1))


def _start(node: Node, control: Control, marks: Mapping[str, Mark]) -> Start:
    reads = {
        name: slot
        for name in needs(node.part)
        if (mark := marks.get(slot := control.slot(name))) and mark.state in _WITH_RESULT
    }
    return Start(slot=control.slot(node.name), step=node.name, part=node.part, reads=reads)


def _undo(slot: str, definition: Definition, marks: Mapping[str, Mark]) -> Start:
    done = slot.removesuffix(UNDO).removesuffix(INSIDE)
    node = definition.by_name[done.partition(":")[2]]
    if slot.endswith(INSIDE) or node.compensate is None:
        return Start(slot=slot, step=node.name, part=None, undoes=done)
    reads = {
        name: read
        for name in needs(node.compensate)
        if (read := _last_with_result(name, int(done.partition(":")[0]), marks))
    }
    return Start(slot=slot, step=node.name, part=node.compensate, reads=reads)


def _last_with_result(step: str, upto: int, marks: Mapping[str, Mark]) -> str | None:
    """By the epoch of the step that is made good: later ones know nothing of what that did."""
    slots = (f"{epoch}:{step}" for epoch in range(upto, 0, -1))
    return next((one for one in slots if one in marks and marks[one].state in _WITH_RESULT), None)
