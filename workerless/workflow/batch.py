"""What a batch remembers, and what follows from how many of its members have ended. Pure.

As with workflows, what follows is written first, under the condition that nobody else has decided
since the batch was read, and then done; ids make doing it again the same.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from workerless.errors import WorkerlessError, WorkflowStateError
from workerless.frozen import frozen, replace
from workerless.workflow.control import Cancel, Ending, read_cancel, write_cancel
from workerless.workflow.definition import Definition, OnFailure
from workerless.workflow.mark import Mark, SlotState

ON_SUCCESS, ON_COMPLETION = "on_success", "on_completion"
ON_FIRST_FAILURE = "on_first_failure"


@frozen
class Tally:
    """How many members a batch has, and how many ended how; the others wait or run.

    ``completed`` are also those that were discarded, and containers completed with errors, of which
    ``with_errors`` says how many there are.
    """

    total: int
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    with_errors: int = 0

    @property
    def done(self) -> int:
        return self.completed + self.failed + self.cancelled

    @property
    def trouble(self) -> int:
        return self.failed + self.cancelled


@frozen
class BatchControl:
    """Where a batch is. ``state`` is how it ended; None while it has not.

    With ``on_failure`` FAIL the first failure ends it: what waits is called off. ``fired`` holds
    what each callback is told, by name, from when it was decided on; ``made`` are those whose job
    is there. ``filled`` is how many members of its definition, a group's, are there.
    """

    state: Ending | None = None
    generation: int = 1
    on_failure: OnFailure = OnFailure.CONTINUE
    cancel: Cancel | None = None
    fired: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    made: tuple[str, ...] = ()
    filled: int = 0


@frozen
class BatchDecision:
    """What to write first, None where nothing changes, and what to do then.

    ``fire`` names the callbacks to be made, told ``control.fired``; ``call_off``: members that wait
    are to be cancelled, and with ``if_running`` also those that run.
    """

    control: BatchControl | None = None
    fire: tuple[str, ...] = ()
    call_off: bool = False
    if_running: bool = False


def opened_batch(definition: Definition) -> BatchControl:
    """That of a group of many parts when it begins."""
    first = next(iter(definition.nodes), None)
    return BatchControl(on_failure=first.on_failure if first else OnFailure.FAIL)


def advance_batch(
    tally: Tally,
    control: BatchControl,
    *,
    is_filled: bool,
    callbacks: frozenset[str],
    about: Mapping[str, Any],
) -> BatchDecision:
    """What to do about a batch; ``is_filled`` once nobody is about to add members.

    ``callbacks`` are the names of those it has. What a callback is told is ``about`` and the
    numbers of when it was decided on; it is told again until its job is known to be made.
    """
    is_done = is_filled and tally.done >= tally.total
    state = _state(tally, control) if is_done else None
    due = {
        ON_FIRST_FAILURE: tally.trouble > 0,
        ON_COMPLETION: is_done,
        ON_SUCCESS: is_done and not tally.trouble and control.cancel is None,
    }
    told = {**about, **{name: getattr(tally, name) for name in _NUMBERS}}
    new = {name: told for name, holds in due.items() if holds and name in callbacks}
    after = replace(
        control,
        state=state,
        fired={**new, **control.fired},
        # One that has ended and goes on is in its next life, and so is one that ended otherwise.
        generation=control.generation + (control.state not in (None, state)),
    )
    return BatchDecision(
        control=after if after != control else None,
        fire=tuple(name for name in after.fired if name not in control.made),
        call_off=_stops(tally, control) and not is_done,
        if_running=control.cancel is not None,
    )


def _state(tally: Tally, control: BatchControl) -> Ending:
    if control.cancel is not None:
        return Ending.CANCELLED
    if tally.trouble and control.on_failure is OnFailure.FAIL:
        return Ending.FAILED
    has_errors = tally.trouble or tally.with_errors
    return Ending.COMPLETED_WITH_ERRORS if has_errors else Ending.COMPLETED


def _stops(tally: Tally, control: BatchControl) -> bool:
    fails = control.on_failure is OnFailure.FAIL and tally.trouble > 0
    return fails or control.cancel is not None


def batch_cancelled(control: BatchControl, cancel: Cancel) -> BatchControl:
    """A batch that shall end. Raises ``WorkflowStateError`` for one that has."""
    if control.state is not None and control.cancel is None:
        raise WorkflowStateError(
            f"only a running batch can be cancelled, this one is {control.state}"
        )
    return replace(control, cancel=control.cancel or cancel)


def callbacks_made(control: BatchControl, names: Iterable[str]) -> BatchControl:
    """That the jobs of these callbacks are there."""
    return replace(control, made=(*control.made, *(set(names) - set(control.made))))


def tally(total: int, marks: Iterable[Mark]) -> Tally:
    """What the marks of a batch's members come to."""
    states = Counter(mark.state for mark in marks)
    with_errors = states[SlotState.COMPLETED_WITH_ERRORS]
    return Tally(
        total=total,
        completed=states[SlotState.COMPLETED] + states[SlotState.DISCARDED] + with_errors,
        failed=states[SlotState.FAILED],
        cancelled=states[SlotState.CANCELLED],
        with_errors=with_errors,
    )


def mark_of_batch(control: BatchControl, at: datetime) -> Mark:
    """What the container around is to know of this one; ``at`` is when it came to its state."""
    return Mark(
        generation=control.generation,
        state=SlotState(control.state.value) if control.state else SlotState.STARTED,
        at=at,
        began=True,
    )


def write_batch(control: BatchControl) -> dict[str, Any]:
    """As JSON data."""
    told = {**vars(control), "cancel": write_cancel(control.cancel), "made": list(control.made)}
    return {name: value for name, value in told.items() if value}


def read_batch(told: object) -> BatchControl:
    """What ``write_batch`` gave; what a later version added is left out.

    Raises ``WorkerlessError`` that says what is wrong.
    """
    try:
        if not isinstance(told, Mapping):
            raise TypeError("no object")  # noqa: TRY301 -- told as all others are
        state = told.get("state")
        return BatchControl(
            state=Ending(state) if state else None,
            generation=told["generation"],
            on_failure=OnFailure(told["on_failure"]),
            cancel=read_cancel(told.get("cancel")),
            fired=dict(told.get("fired", {})),
            made=tuple(told.get("made", ())),
            filled=told.get("filled", 0),
        )
    except (ValueError, LookupError, TypeError) as error:
        raise WorkerlessError(f"this is no control of a batch: {error!r}") from error


_NUMBERS = ("total", "completed", "failed", "cancelled")
