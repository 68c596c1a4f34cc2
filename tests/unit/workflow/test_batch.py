"""What follows from how many members of a batch have ended."""

from datetime import UTC, datetime

import pytest

from workerless.errors import WorkerlessError, WorkflowStateError
from workerless.workflow.batch import (
    ON_COMPLETION,
    ON_FIRST_FAILURE,
    ON_SUCCESS,
    BatchControl,
    BatchDecision,
    Tally,
    advance_batch,
    batch_cancelled,
    callbacks_made,
    mark_of_batch,
    read_batch,
    tally,
    write_batch,
)
from workerless.workflow.control import Cancel, Ending
from workerless.workflow.definition import OnFailure
from workerless.workflow.mark import Mark, SlotState

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ALL = frozenset({ON_SUCCESS, ON_COMPLETION, ON_FIRST_FAILURE})
ABOUT = {"batch_id": "b1", "description": "import"}
STOP = Cancel(reason="enough")


def decide(
    numbers: Tally, control: BatchControl | None = None, *, is_filled: bool = True
) -> BatchDecision:
    return advance_batch(
        numbers, control or BatchControl(), is_filled=is_filled, callbacks=ALL, about=ABOUT
    )


@pytest.mark.parametrize(
    ("numbers", "control", "state"),
    [
        (Tally(total=2, completed=1), BatchControl(), None),
        (Tally(total=2, completed=2), BatchControl(), Ending.COMPLETED),
        (Tally(total=0), BatchControl(), Ending.COMPLETED),
        (Tally(total=2, completed=1, failed=1), BatchControl(), Ending.COMPLETED_WITH_ERRORS),
        (Tally(total=2, completed=2, with_errors=1), BatchControl(), Ending.COMPLETED_WITH_ERRORS),
        (
            Tally(total=2, completed=1, failed=1),
            BatchControl(on_failure=OnFailure.FAIL),
            Ending.FAILED,
        ),
        (Tally(total=2, completed=2), BatchControl(cancel=STOP), Ending.CANCELLED),
    ],
)
def test_batch_ends_once_all_its_members_have(
    numbers: Tally, control: BatchControl, state: Ending | None
) -> None:
    after = decide(numbers, control).control

    assert (after.state if after else None) is state


def test_batch_that_may_grow_has_not_ended() -> None:
    assert decide(Tally(total=0), is_filled=False) == BatchDecision()


@pytest.mark.parametrize(
    ("numbers", "fired"),
    [
        (Tally(total=2, completed=1), set()),
        (Tally(total=2, failed=1), {ON_FIRST_FAILURE}),
        (Tally(total=2, cancelled=1), {ON_FIRST_FAILURE}),
        (Tally(total=2, completed=1, failed=1), {ON_FIRST_FAILURE, ON_COMPLETION}),
        (Tally(total=2, completed=2), {ON_COMPLETION, ON_SUCCESS}),
        (Tally(total=0), {ON_COMPLETION, ON_SUCCESS}),
    ],
)
def test_callbacks_follow_what_has_happened(numbers: Tally, fired: set[str]) -> None:
    assert set(decide(numbers).fire) == fired


def test_callback_is_told_what_it_was_decided_on_until_it_is_made() -> None:
    first = decide(Tally(total=2, failed=1)).control
    assert first is not None

    later = decide(Tally(total=2, failed=2), first)

    assert later.control is not None
    assert later.fire == (ON_FIRST_FAILURE, ON_COMPLETION)
    told = {**ABOUT, "total": 2, "completed": 0, "failed": 1, "cancelled": 0}
    assert later.control.fired[ON_FIRST_FAILURE] == told


def test_callback_that_was_made_is_never_told_again() -> None:
    control = decide(Tally(total=2, failed=2)).control
    assert control is not None
    made = callbacks_made(control, [ON_FIRST_FAILURE, ON_COMPLETION])

    assert decide(Tally(total=2, failed=2), made) == BatchDecision()
    assert decide(Tally(total=2, completed=2), made).fire == (ON_SUCCESS,)


def test_batch_that_is_redriven_to_success_is_in_its_next_life() -> None:
    ended = decide(Tally(total=1, failed=1)).control
    assert ended is not None

    again = decide(Tally(total=1), ended).control
    assert again is not None
    done = decide(Tally(total=1, completed=1), again).control

    assert (again.state, again.generation) == (None, 2)
    assert done is not None
    assert (done.state, done.generation) == (Ending.COMPLETED, 2)


@pytest.mark.parametrize(
    ("control", "call_off", "if_running"),
    [
        (BatchControl(), False, False),
        (BatchControl(on_failure=OnFailure.FAIL), True, False),
        (BatchControl(cancel=STOP), True, True),
    ],
)
def test_members_are_called_off_by_a_failure_or_by_word(
    control: BatchControl, *, call_off: bool, if_running: bool
) -> None:
    decision = decide(Tally(total=3, failed=1), control)

    assert (decision.call_off, decision.if_running) == (call_off, if_running)


def test_cancelling_again_keeps_the_first_reason() -> None:
    once = batch_cancelled(BatchControl(), STOP)

    assert batch_cancelled(once, Cancel(reason="other")) == once


def test_batch_that_has_ended_cannot_be_cancelled() -> None:
    with pytest.raises(WorkflowStateError, match="this one is completed"):
        batch_cancelled(BatchControl(state=Ending.COMPLETED), STOP)


def test_tally_counts_marks() -> None:
    marks = [Mark(generation=1, state=state, at=NOW) for state in SlotState]

    counted = tally(9, marks)

    assert counted == Tally(total=9, completed=3, failed=1, cancelled=1, with_errors=1)
    assert counted.done == 5


def test_control_is_read_as_it_was_written() -> None:
    control = decide(Tally(total=1, failed=1), BatchControl(cancel=STOP)).control
    assert control is not None

    assert read_batch(write_batch(control)) == control
    assert read_batch(write_batch(BatchControl())) == BatchControl()


@pytest.mark.parametrize("told", [None, {}, {"generation": 1, "on_failure": "x"}])
def test_what_is_no_control_is_refused(told: object) -> None:
    with pytest.raises(WorkerlessError, match="no control"):
        read_batch(told)


@pytest.mark.parametrize(
    ("state", "told"), [(None, SlotState.STARTED), (Ending.FAILED, SlotState.FAILED)]
)
def test_container_around_is_told_how_the_batch_ended(
    state: Ending | None, told: SlotState
) -> None:
    mark = mark_of_batch(BatchControl(state=state, generation=3), NOW)

    assert (mark.state, mark.generation, mark.began) == (told, 3, True)
