"""What follows from how a run stands: one table a situation."""

from datetime import UTC, datetime, timedelta

from workerless.workflow.advance import Decision, advance
from workerless.workflow.control import Cancel, Control, Ending, Phase, failed_compensations
from workerless.workflow.definition import Definition, Input, Kind, Node, OnFailure, Task
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow.standing import Standing, standings

NOW = datetime(2026, 11, 22, tzinfo=UTC)
STOP = Cancel(reason="enough")
TASK = Task(job_type="work", version=1, attempts=3, data={})
TAKES_A = Task(
    job_type="work", version=1, attempts=3, data={}, inputs=(Input(to=("x",), step="a"),)
)
STARTED, COMPLETED, FAILED = SlotState.STARTED, SlotState.COMPLETED, SlotState.FAILED
CANCELLED, DISCARDED = SlotState.CANCELLED, SlotState.DISCARDED
OVER = Control(phase=Phase.ENDED, state=Ending.FAILED)


def of(*nodes: Node) -> Definition:
    return Definition(name="some", kind=Kind.WORKFLOW, nodes=nodes)


LINE = of(Node(name="a", part=TASK), Node(name="b", part=TAKES_A, after=("a",)))
TWO = of(Node(name="a", part=TASK), Node(name="b", part=TASK))
UNDOABLE = of(
    Node(name="a", part=TASK, compensate=TAKES_A),
    Node(name="b", part=TASK, after=("a",), compensate=TAKES_A),
)


def marked(*, began: bool = True, **states: SlotState) -> dict[str, Mark]:
    """Of steps in their first epoch, each later than the one before."""
    return {
        f"1:{name}": Mark(
            generation=1, state=state, at=NOW + timedelta(seconds=number), began=began
        )
        for number, (name, state) in enumerate(states.items())
    }


def at(slot: str, state: SlotState, *, generation: int = 1) -> dict[str, Mark]:
    return {slot: Mark(generation=generation, state=state, at=NOW, began=True)}


def started(decision: Decision) -> dict[str, dict[str, str]]:
    return {one.slot: dict(one.reads) for one in decision.starts}


def off(decision: Decision) -> list[tuple[str, bool]]:
    return [(one.slot, one.if_running) for one in decision.call_off]


def test_run_starts_what_waits_for_nothing() -> None:
    assert started(advance(LINE, Control(), {})) == {"1:a": {}}
    assert started(advance(TWO, Control(), {})) == {"1:a": {}, "1:b": {}}


def test_step_starts_once_what_it_waits_for_has_ended_and_reads_its_result() -> None:
    assert advance(LINE, Control(), marked(a=STARTED)) == Decision()
    assert started(advance(LINE, Control(), marked(a=COMPLETED))) == {"1:b": {"a": "1:a"}}


def test_step_that_was_discarded_gives_no_result() -> None:
    assert started(advance(LINE, Control(), marked(a=DISCARDED))) == {"1:b": {}}


def test_run_ends_with_its_last_step() -> None:
    done = advance(LINE, Control(), marked(a=COMPLETED, b=DISCARDED)).control

    assert done == Control(phase=Phase.ENDED, state=Ending.COMPLETED)
    assert advance(LINE, done, marked(a=COMPLETED, b=DISCARDED)) == Decision()


def test_start_that_was_lost_is_told_again() -> None:
    again = advance(LINE, Control(), marked(a=STARTED), lost=frozenset({"1:a"}))

    assert started(again) == {"1:a": {}}
    told = advance(LINE, Control(), marked(a=COMPLETED), lost=frozenset({"1:a"}))
    assert started(told) == {"1:b": {"a": "1:a"}}


def test_failed_step_calls_off_what_waits_and_is_waited_for() -> None:
    decision = advance(TWO, Control(), marked(a=FAILED, b=STARTED))

    assert off(decision) == [("1:b", False)]
    assert decision.call_off[0].reason == "step a failed"
    assert decision.control == Control(called_off=("1:b",))
    after = advance(TWO, decision.control, marked(a=FAILED, b=CANCELLED)).control
    assert after == Control(called_off=("1:b",), phase=Phase.ENDED, state=Ending.FAILED)


def test_job_that_a_person_redrove_is_not_called_off() -> None:
    marks = {**marked(a=FAILED), **at("1:b", STARTED, generation=2)}

    assert advance(TWO, Control(), marks) == Decision()


def test_start_that_was_lost_is_told_again_even_to_be_called_off() -> None:
    decision = advance(TWO, Control(), marked(a=FAILED, b=STARTED), lost=frozenset({"1:b"}))

    assert (list(started(decision)), off(decision)) == (["1:b"], [("1:b", False)])


def test_cancelled_run_calls_off_what_runs_too() -> None:
    decision = advance(TWO, Control(cancel=STOP), marked(a=STARTED, b=COMPLETED))

    assert off(decision) == [("1:a", True)]
    assert decision.call_off[0].reason == "enough"


def test_what_was_called_off_begins_anew_once_nothing_stands_as_failed() -> None:
    control = Control(called_off=("1:b",))

    decision = advance(TWO, control, marked(a=COMPLETED, b=CANCELLED))

    assert decision.control == Control(called_off=("1:b",), epochs={"b": 2})
    assert list(started(advance(TWO, decision.control, marked(a=COMPLETED)))) == ["2:b"]


def test_run_that_failed_goes_on_once_all_that_failed_was_redriven() -> None:
    redriven = at("1:a", STARTED, generation=2)

    waits = advance(TWO, OVER, {**redriven, **marked(b=FAILED)})
    goes_on = advance(TWO, OVER, {**redriven, **marked(b=COMPLETED)})

    assert waits == Decision()
    assert goes_on == Decision(control=Control(generation=2))


def test_run_that_was_left_behind_stays_as_it_ended() -> None:
    marks = {**at("1:a", COMPLETED, generation=2), **marked(b=COMPLETED)}

    assert advance(TWO, OVER, marks, is_left=True) == Decision()
    assert advance(TWO, OVER, marks).control == Control(generation=2)


def test_run_that_has_made_good_or_was_cancelled_stays_as_it_ended() -> None:
    marks = {**at("1:a", COMPLETED, generation=2), **marked(b=COMPLETED)}
    undone = Control(phase=Phase.ENDED, state=Ending.FAILED, undo=("1:a-undo",))
    cancelled = Control(phase=Phase.ENDED, state=Ending.CANCELLED, cancel=STOP)

    assert advance(UNDOABLE, undone, marks) == Decision()
    assert advance(TWO, cancelled, marks) == Decision()


def test_run_that_completed_with_errors_completes_once_they_are_redriven() -> None:
    ignoring = of(Node(name="a", part=TASK, on_failure=OnFailure.IGNORE))
    control = Control(phase=Phase.ENDED, state=Ending.COMPLETED_WITH_ERRORS)

    again = advance(ignoring, control, at("1:a", COMPLETED, generation=2)).control

    assert again == Control(generation=2)
    done = advance(ignoring, again, at("1:a", COMPLETED, generation=2)).control
    assert done == Control(generation=2, phase=Phase.ENDED, state=Ending.COMPLETED)


def test_compensations_run_one_after_another_from_the_last() -> None:
    marks = marked(a=COMPLETED, b=FAILED)

    planned = advance(UNDOABLE, Control(), marks).control

    assert planned is not None
    assert (planned.phase, planned.undo) == (Phase.COMPENSATING, ("1:b-undo", "1:a-undo"))
    first = advance(UNDOABLE, planned, marks)
    assert started(first) == {"1:b-undo": {"a": "1:a"}}
    assert advance(UNDOABLE, planned, {**marks, **at("1:b-undo", STARTED)}) == Decision()
    second = advance(UNDOABLE, planned, {**marks, **at("1:b-undo", FAILED)})
    assert started(second) == {"1:a-undo": {"a": "1:a"}}
    last = marks | at("1:b-undo", FAILED) | at("1:a-undo", COMPLETED)
    done = advance(UNDOABLE, planned, last).control
    assert done is not None
    assert (done.phase, done.state) == (Phase.ENDED, Ending.FAILED)


def test_of_steps_that_do_not_wait_for_each_other_the_last_to_end_is_made_good_first() -> None:
    beside = of(*(Node(name=name, part=TASK, compensate=TASK) for name in "abc"))

    planned = advance(beside, Control(), marked(b=COMPLETED, c=COMPLETED, a=FAILED)).control

    assert planned is not None
    assert planned.undo == ("1:a-undo", "1:c-undo", "1:b-undo")


def test_step_that_never_began_is_not_made_good() -> None:
    marks = marked(a=COMPLETED) | marked(began=False, b=FAILED)

    planned = advance(UNDOABLE, Control(), marks).control

    assert planned is not None
    assert planned.undo == ("1:a-undo",)


def test_cancel_may_do_without_compensation() -> None:
    leave = Cancel(reason="enough", compensate=False)

    done = advance(UNDOABLE, Control(cancel=leave), marked(a=COMPLETED)).control

    assert done == Control(cancel=leave, phase=Phase.ENDED, state=Ending.CANCELLED)


def test_part_that_completed_is_undone_from_within_after_its_own_compensation() -> None:
    outer = of(
        Node(name="part", part=UNDOABLE, compensate=TASK),
        Node(name="last", part=TASK, after=("part",)),
    )
    marks = marked(part=COMPLETED, last=FAILED)

    planned = advance(outer, Control(), marks).control

    assert planned is not None
    assert planned.undo == ("1:part-undo", "1:part-inside")
    inside = advance(outer, planned, marks | at("1:part-undo", COMPLETED)).starts[0]
    assert (inside.slot, inside.part, inside.undoes) == ("1:part-inside", None, "1:part")


def test_what_began_in_an_earlier_epoch_only_is_made_good_unless_it_has_been() -> None:
    control = Control(epochs={"a": 2, "b": 2})
    marks = marked(a=COMPLETED, b=COMPLETED) | at("2:a", FAILED)

    planned = advance(UNDOABLE, control, marks).control
    again = advance(UNDOABLE, control, marks | at("1:b-undo", COMPLETED)).control

    assert planned is not None
    assert planned.undo == ("1:b-undo", "2:a-undo", "1:a-undo")
    assert started(advance(UNDOABLE, planned, marks)) == {"1:b-undo": {"a": "1:a"}}
    assert again is not None
    assert again.undo == ("2:a-undo", "1:a-undo")


def test_every_epoch_that_began_is_made_good_the_latest_first_by_its_own_results() -> None:
    control = Control(epochs={"a": 2, "b": 2})
    marks = marked(a=COMPLETED, b=COMPLETED) | at("2:a", COMPLETED) | at("2:b", FAILED)

    planned = advance(UNDOABLE, control, marks).control

    assert planned is not None
    assert planned.undo == ("2:b-undo", "1:b-undo", "2:a-undo", "1:a-undo")
    assert started(advance(UNDOABLE, planned, marks)) == {"2:b-undo": {"a": "2:a"}}
    then = advance(UNDOABLE, planned, marks | at("2:b-undo", COMPLETED))
    assert started(then) == {"1:b-undo": {"a": "1:a"}}


def test_compensation_that_failed_in_an_earlier_epoch_is_told_again_and_not_run() -> None:
    control = Control(epochs={"a": 2, "b": 2})
    before = marked(a=COMPLETED, b=FAILED) | at("1:b-undo", COMPLETED) | at("1:a-undo", FAILED)
    marks = before | at("2:a", FAILED)

    planned = advance(UNDOABLE, control, marks).control

    assert planned is not None
    assert planned.undo == ("2:a-undo", "1:a-undo")
    marks |= at("2:a-undo", COMPLETED)
    done = advance(UNDOABLE, planned, marks).control
    assert done is not None
    assert (done.phase, failed_compensations(done, marks)) == (Phase.ENDED, ("1:a-undo",))


def test_part_is_made_good_only_with_what_is_within_it() -> None:
    outer = of(Node(name="part", part=UNDOABLE, compensate=TASK))
    cancel = Control(cancel=STOP)
    half = marked(part=COMPLETED) | at("1:part-undo", COMPLETED) | at("1:part-inside", FAILED)

    planned = advance(outer, cancel, half).control

    assert planned is not None
    assert planned.undo == ("1:part-undo", "1:part-inside")


def test_steps_after_one_that_is_skipped_are_skipped() -> None:
    fork = of(
        Node(name="a", part=TASK, on_failure=OnFailure.CONTINUE),
        Node(name="b", part=TASK, after=("a",)),
        Node(name="c", part=TASK, after=("b",)),
        Node(name="d", part=TASK),
    )
    marks = marked(a=FAILED, d=COMPLETED)

    assert standings(fork, Control(), marks) == {
        "a": Standing.FAILED,
        "b": Standing.SKIPPED,
        "c": Standing.SKIPPED,
        "d": Standing.COMPLETED,
    }
    done = advance(fork, Control(), marks).control
    assert done is not None
    assert done.state is Ending.COMPLETED_WITH_ERRORS
