"""What a person, or the container around, may tell a run of a workflow. Pure."""

from collections.abc import Collection, Mapping

from workerless.errors import OperationRefusedError, WorkflowStateError
from workerless.frozen import replace
from workerless.workflow.control import Cancel, Control, Ending, Phase
from workerless.workflow.definition import Definition, Kind
from workerless.workflow.mark import Mark
from workerless.workflow.standing import Standing, standings

_TO_BE_RUN_AGAIN = (Standing.FAILED, Standing.CANCELLED, Standing.CALLED_OFF)


def cancelled(control: Control, cancel: Cancel) -> Control:
    """A run that shall end; ``cancel.slot`` names that of a nested part that has completed.

    What is told again changes nothing. Raises ``WorkflowStateError`` for a run that makes good what
    it did, or has ended.
    """
    if control.cancel is not None:
        return control
    if control.phase is Phase.RUNNING:
        return replace(control, cancel=cancel)
    if control.phase is Phase.ENDED and cancel.slot is not None:
        return replace(
            control,
            phase=Phase.RUNNING,
            state=None,
            generation=control.generation + 1,
            cancel=cancel,
        )
    stands = control.state or control.phase
    raise WorkflowStateError(f"only a running workflow can be cancelled, this one is {stands}")


def retried(
    definition: Definition,
    control: Control,
    marks: Mapping[str, Mark],
    steps: Collection[str] | None = None,
    *,
    going_on: Collection[str] = (),
) -> Control:
    """A run that ended badly and shall go on: ``steps`` begin anew, with all that depend on them.

    None are all steps. What failed, was cancelled or has been made good begins anew in any case:
    the run could not complete without; but not nested ones that are ``going_on`` by themselves.
    Raises ``OperationRefusedError`` for steps that there are not, and ``WorkflowStateError`` for a
    run that has not ended, or has nothing to retry.
    """
    if control.phase is not Phase.ENDED or control.state is Ending.COMPLETED:
        stands = control.state or control.phase
        raise WorkflowStateError(
            f"only a workflow that ended other than completed can be retried, this one is {stands}"
        )
    names = [node.name for node in definition.nodes]
    if unknown := sorted(set(steps or ()) - set(names)):
        raise OperationRefusedError(
            f"steps must be among those of the workflow ({', '.join(names)}), got {unknown[0]!r}"
        )
    stand = standings(definition, control, marks)
    again = set(names) if steps is None else {*steps, *_undone(control)}
    for node in definition.nodes:
        is_due = stand[node.name] in _TO_BE_RUN_AGAIN or {*again, *going_on} & {*node.after}
        if is_due and node.name not in going_on:
            again.add(node.name)
    epoch = max(control.epochs.values(), default=1) + 1
    return Control(
        generation=control.generation + 1,
        epochs={**control.epochs, **dict.fromkeys(sorted(again), epoch)},
    )


def going_on(
    definition: Definition,
    control: Control,
    marks: Mapping[str, Mark],
    steps: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Nested workflows that go on where they are, when such a run is retried from ``steps``.

    All that did not end well, unless they or what they depend on begin anew; none of a run that has
    made good what it did.
    """
    if steps is None or control.undo:
        return ()
    stand = standings(definition, control, marks)
    again, found = set(steps), list[str]()
    for node in definition.nodes:
        if {*again, *found} & {*node.after}:
            again.add(node.name)
        elif stand[node.name] in _TO_BE_RUN_AGAIN and node.name not in again:
            is_run = isinstance(node.part, Definition) and node.part.kind is Kind.WORKFLOW
            (found.append if is_run else again.add)(node.name)
    return tuple(found)


def _undone(control: Control) -> set[str]:
    return {slot.partition(":")[2].partition("-")[0] for slot in control.undo}
