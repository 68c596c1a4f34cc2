"""What a run may be told, and what it remembers."""

from datetime import UTC, datetime

import pytest

from workerless.errors import OperationRefusedError, WorkerlessError, WorkflowStateError
from workerless.workflow.command import cancelled, retried
from workerless.workflow.control import (
    Cancel,
    Control,
    Ending,
    Phase,
    read_control,
    told_around,
    write_control,
)
from workerless.workflow.definition import Definition, Kind, Node, OnFailure, Task
from workerless.workflow.mark import Mark, SlotState

NOW = datetime(2026, 11, 22, tzinfo=UTC)
STOP = Cancel(reason="enough", compensate=False)
TASK = Task(job_type="work", version=1, attempts=3, data={})
LINE = Definition(
    name="line",
    kind=Kind.WORKFLOW,
    nodes=(
        Node(name="a", part=TASK, on_failure=OnFailure.IGNORE),
        Node(name="b", part=TASK, after=("a",)),
        Node(name="c", part=TASK, after=("b",)),
        Node(name="aside", part=TASK),
    ),
)
FAILED = Control(phase=Phase.ENDED, state=Ending.FAILED)


def marked(**states: SlotState) -> dict[str, Mark]:
    return {
        f"1:{name}": Mark(generation=1, state=state, at=NOW, began=True)
        for name, state in states.items()
    }


@pytest.mark.parametrize(
    "control",
    [
        Control(),
        Control(cancel=STOP),
        Control(
            phase=Phase.ENDED,
            state=Ending.CANCELLED,
            generation=3,
            epochs={"a": 2},
            cancel=Cancel(reason="undone", slot="1:part-inside"),
            called_off=("1:a",),
            undo=("2:a-undo",),
        ),
    ],
)
def test_control_is_read_as_it_was_written(control: Control) -> None:
    assert read_control(write_control(control)) == control


@pytest.mark.parametrize("told", [None, {}, {"phase": "x", "generation": 1}])
def test_what_is_no_control_is_refused(told: object) -> None:
    with pytest.raises(WorkerlessError, match="no control"):
        read_control(told)


def test_cancelling_again_keeps_the_first_reason() -> None:
    once = cancelled(Control(), STOP)

    assert once.cancel == STOP
    assert cancelled(once, Cancel(reason="other")) == once


@pytest.mark.parametrize(
    ("control", "stands"),
    [(FAILED, "failed"), (Control(phase=Phase.COMPENSATING), "compensating")],
)
def test_only_a_running_workflow_is_cancelled(control: Control, stands: str) -> None:
    with pytest.raises(WorkflowStateError, match=f"this one is {stands}"):
        cancelled(control, STOP)


def test_part_that_completed_is_undone_in_its_next_life() -> None:
    completed = Control(phase=Phase.ENDED, state=Ending.COMPLETED)

    undone = cancelled(completed, Cancel(reason="undone", slot="1:part-inside"))

    assert (undone.phase, undone.state, undone.generation) == (Phase.RUNNING, None, 2)


@pytest.mark.parametrize(
    ("steps", "again"),
    [
        (None, {"a", "b", "c", "aside"}),
        (["a"], {"a", "b", "c"}),
        (["b"], {"b", "c"}),
        (["aside"], {"aside", "b", "c"}),
        ([], {"b", "c"}),
    ],
)
def test_step_that_is_retried_begins_anew_with_all_that_depends_on_it_and_all_that_failed(
    steps: list[str] | None, again: set[str]
) -> None:
    marks = marked(a=SlotState.COMPLETED, b=SlotState.FAILED, aside=SlotState.COMPLETED)

    after = retried(LINE, FAILED, marks, steps)

    assert after.epochs == dict.fromkeys(again, 2)
    assert (after.phase, after.state, after.generation) == (Phase.RUNNING, None, 2)


def test_what_was_made_good_begins_anew() -> None:
    control = Control(
        phase=Phase.ENDED, state=Ending.FAILED, epochs={"b": 4}, undo=("1:aside-undo",)
    )
    marks = marked(a=SlotState.COMPLETED, aside=SlotState.COMPLETED)

    assert retried(LINE, control, marks, ["c"]).epochs == {"aside": 5, "b": 4, "c": 5}


@pytest.mark.parametrize(
    "control",
    [Control(), Control(phase=Phase.ENDED, state=Ending.COMPLETED)],
    ids=["running", "completed"],
)
def test_run_with_nothing_to_retry_is_left_alone(control: Control) -> None:
    with pytest.raises(WorkflowStateError, match="can be retried"):
        retried(LINE, control, {}, None)


def test_retry_of_a_step_that_there_is_not_names_those_that_there_are() -> None:
    with pytest.raises(OperationRefusedError, match=r"\(a, b, c, aside\), got 'd'"):
        retried(LINE, FAILED, {}, ["d"])


def test_container_around_is_told_in_the_slot_of_the_part_or_of_its_undoing() -> None:
    marks = marked(a=SlotState.COMPLETED)
    undoing = Cancel(reason="undone", slot="1:part-inside")
    undone = Control(
        phase=Phase.ENDED, state=Ending.CANCELLED, cancel=undoing, undo=("1:a-undo", "1:b-undo")
    )
    bad = {**marks, "1:b-undo": Mark(generation=1, state=SlotState.FAILED, at=NOW)}

    redriven = [
        {**marks, "1:b-undo": Mark(generation=2, state=state, at=NOW)}
        for state in (SlotState.STARTED, SlotState.COMPLETED)
    ]

    told = [
        told_around(*one, "1:part", NOW)
        for one in [
            (FAILED, marks),
            (Control(), {}),
            (undone, marks),
            (undone, bad),
            *((undone, one) for one in redriven),
        ]
    ]

    assert [(slot, mark.generation, mark.state.value, mark.began) for slot, mark in told] == [
        ("1:part", 1, "failed", True),
        ("1:part", 1, "started", False),
        ("1:part-inside", 1, "completed", True),
        ("1:part-inside", 1, "failed", True),
        ("1:part-inside", 2, "started", True),
        ("1:part-inside", 2, "completed", True),
    ]
