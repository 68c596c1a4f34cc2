"""What a person, or the container around, may tell a run of a workflow. Pure."""

from collections.abc import Collection, Mapping

from workerless.errors import OperationRefusedError, WorkflowStateError
from workerless.frozen import replace
from workerless.workflow.control import Cancel, Control, Ending, Phase
from workerless.workflow.definition import Definition
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
) -> Control:
    """A run that ended badly and shall go on: ``steps`` begin anew, with all that depend on them.

    None are all steps. What failed, was cancelled or has been made good begins anew in any case:
    the run could not complete without. Raises ``OperationRefusedError`` for steps that there are
    not, and ``WorkflowStateError`` for a run that has not ended, or has nothing to retry.
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
        if stand[node.name] in _TO_BE_RUN_AGAIN or again & set(node.after):
            again.add(node.name)
    epoch = max(control.epochs.values(), default=1) + 1
    return Control(
        generation=control.generation + 1,
        epochs={**control.epochs, **dict.fromkeys(sorted(again), epoch)},
    )


def _undone(control: Control) -> set[str]:
    return {slot.partition(":")[2].partition("-")[0] for slot in control.undo}
