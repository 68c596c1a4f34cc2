"""The figures of a run."""

from datetime import UTC, datetime

import pytest

from workerless.workflow.control import Control, Ending, Phase
from workerless.workflow.definition import Definition, Kind, Node, OnFailure, Task
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow.summary import Summary, summary

TASK = Task(job_type="work", version=1, attempts=3, data={})
FORK = Definition(
    name="fork",
    kind=Kind.WORKFLOW,
    nodes=(
        Node(name="a", part=TASK, on_failure=OnFailure.CONTINUE),
        Node(name="b", part=TASK, after=("a",)),
        Node(name="c", part=TASK),
        Node(name="d", part=TASK, after=("c",)),
    ),
)
OVER = Control(phase=Phase.ENDED, state=Ending.FAILED, undo=("1:c-undo", "1:a-undo"))
NONE = Summary(
    total=4,
    waiting=0,
    started=0,
    completed=0,
    failed=0,
    left=0,
    to_undo=0,
    undone=0,
    not_undone=0,
)


def figures(**changes: int) -> Summary:
    return Summary(**{**vars(NONE), **changes})


def marked(states: dict[str, SlotState]) -> dict[str, Mark]:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    return {f"1:{step}": Mark(generation=1, state=state, at=now) for step, state in states.items()}


@pytest.mark.parametrize(
    ("control", "states", "expected"),
    [
        (Control(), {}, figures(waiting=4)),
        (Control(), {"a": SlotState.STARTED}, figures(waiting=3, started=1)),
        (
            Control(),
            {"a": SlotState.FAILED, "c": SlotState.DISCARDED},
            figures(failed=1, left=1, completed=1, waiting=1),
        ),
        (
            OVER,
            {"a": SlotState.COMPLETED, "c": SlotState.CANCELLED, "c-undo": SlotState.FAILED},
            figures(completed=1, failed=1, left=2, to_undo=2, undone=1, not_undone=1),
        ),
    ],
)
def test_each_step_is_counted_once(
    control: Control, states: dict[str, SlotState], expected: Summary
) -> None:
    told = summary(FORK, control, marked(states))

    assert told == expected
    assert told.done + told.waiting + told.started == told.total
