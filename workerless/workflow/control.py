"""What a run of a workflow remembers beside the marks of its steps. Pure.

Everything else follows from definition and marks, so that two that look at a run at the same time
see the same. It changes only by ``advance``, and by the words of ``command``.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from workerless.errors import WorkerlessError
from workerless.frozen import frozen
from workerless.workflow.mark import Mark, SlotState

UNDO, INSIDE = "-undo", "-inside"


class Phase(StrEnum):
    """What a run is at. While it is running, its steps start; later they do not."""

    RUNNING = "running"
    COMPENSATING = "compensating"
    ENDED = "ended"


class Ending(StrEnum):
    """How a run ended. ``COMPLETED_WITH_ERRORS``: some step did not, and that was no matter."""

    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    CANCELLED = "cancelled"


@frozen
class Cancel:
    """That a run is no longer wanted. ``compensate``: what it did is to be made good.

    ``slot`` is where the container around looks for the end, when it is the one that says so of a
    nested part that had completed; None stands for the slot of the part itself.
    """

    reason: str
    compensate: bool = True
    slot: str | None = None


@frozen
class Control:
    """Where a run is. ``state`` is how it ended; None while it has not.

    ``generation`` counts the lives of the run from 1: one that goes on after its end is in the
    next. ``epochs`` says how often a step was begun anew; 1 where it says nothing. ``called_off``
    are slots that were told to end since another step had failed; ``undo`` are the slots of the
    compensations, in their order, decided when the first begins.
    """

    phase: Phase = Phase.RUNNING
    state: Ending | None = None
    generation: int = 1
    epochs: Mapping[str, int] = field(default_factory=dict)
    cancel: Cancel | None = None
    called_off: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()

    def epoch(self, step: str) -> int:
        return self.epochs.get(step, 1)

    def slot(self, step: str) -> str:
        """Where the mark of this step is, as it was last begun."""
        return f"{self.epoch(step)}:{step}"


def write_control(control: Control) -> dict[str, Any]:
    """As JSON data."""
    told = {
        **vars(control),
        "epochs": dict(control.epochs),
        "cancel": write_cancel(control.cancel),
        "called_off": list(control.called_off),
        "undo": list(control.undo),
    }
    return {name: value for name, value in told.items() if value}


def read_control(told: object) -> Control:
    """What ``write_control`` gave; what a later version added is left out.

    Raises ``WorkerlessError`` that says what is wrong.
    """
    try:
        if not isinstance(told, Mapping):
            raise TypeError("no object")  # noqa: TRY301 -- told as all others are
        state = told.get("state")
        return Control(
            phase=Phase(told["phase"]),
            state=Ending(state) if state else None,
            generation=told["generation"],
            epochs=dict(told.get("epochs", {})),
            cancel=read_cancel(told.get("cancel")),
            called_off=tuple(told.get("called_off", ())),
            undo=tuple(told.get("undo", ())),
        )
    except (ValueError, LookupError, TypeError) as error:
        raise WorkerlessError(f"this is no control of a workflow: {error!r}") from error


def write_cancel(cancel: Cancel | None) -> dict[str, Any] | None:
    """As JSON data."""
    return {**vars(cancel)} if cancel else None


def read_cancel(told: Mapping[str, Any] | None) -> Cancel | None:
    """What ``write_cancel`` gave."""
    if told is None:
        return None
    return Cancel(reason=told["reason"], compensate=bool(told["compensate"]), slot=told.get("slot"))


def told_around(
    control: Control, marks: Mapping[str, Mark], slot: str, at: datetime
) -> tuple[str, Mark]:
    """What the container around is to know of the run in its ``slot``, and in which slot.

    ``at`` is when the run came to its state. Of one that is being undone it is only asked whether
    all that it did has been made good, also later, by compensations that were redriven; as a whole
    it stays completed.
    """
    cancel, state, generation = control.cancel, control.state, control.generation
    if cancel is not None and cancel.slot is not None:
        slot = cancel.slot
        undone = [mark for one in control.undo if (mark := marks.get(one))]
        generation += sum(mark.generation - 1 for mark in undone)
        state = None if state is None else _undone(control, marks)
    mark = Mark(
        generation=generation,
        state=SlotState(state.value) if state else SlotState.STARTED,
        at=at,
        began=any(mark.began for mark in marks.values()),
    )
    return slot, mark


def _undone(control: Control, marks: Mapping[str, Mark]) -> Ending | None:
    if not all(marks[slot].has_ended for slot in control.undo if slot in marks):
        return None
    return Ending.FAILED if failed_compensations(control, marks) else Ending.COMPLETED


def failed_compensations(control: Control, marks: Mapping[str, Mark]) -> tuple[str, ...]:
    """The slots of compensations that failed for good: a person must look at what they left."""
    bad = (SlotState.FAILED, SlotState.CANCELLED)
    return tuple(slot for slot in control.undo if (one := marks.get(slot)) and one.state in bad)
