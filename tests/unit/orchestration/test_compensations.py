"""What is made good of what was begun more than once, and when a run may begin anew."""

import pytest

from tests.unit.operations.ward import VISIT, Ward
from workerless import Workflow, step
from workerless.errors import WorkflowStateError
from workerless.run_handle import Run

FIRST_UNDO = "r.1:first-undo"


def a_round() -> Workflow:
    """Visits 1, 2 and 3; 11 and 12 make the first two good."""
    return Workflow(
        "round",
        step("first", VISIT.with_(number=1), compensate=VISIT.with_(number=11)),
        step("second", VISIT.with_(number=2), after="first", compensate=VISIT.with_(number=12)),
        step("third", VISIT.with_(number=3), after="second"),
    )


def ended(ward: Ward, ill: set[int], *, flow: Workflow | None = None) -> Run:
    """A run called r, whose visits of these numbers failed."""
    ward.is_ill = lambda number: number in ill
    run = ward.stage.client.start(flow or a_round(), workflow_id="r")
    ward.stage.run_all()
    return run


def test_retry_waits_for_a_compensation_that_failed_to_be_redriven() -> None:
    ward = Ward()
    run = ended(ward, {3, 11})
    ward.cure()
    assert run.status().not_compensated == ("first",)

    with pytest.raises(WorkflowStateError, match=f"redrive {FIRST_UNDO}, or discard"):
        run.retry()
    ward.operations.dead.retry(FIRST_UNDO)
    with pytest.raises(WorkflowStateError, match=FIRST_UNDO):
        run.retry()
    ward.stage.run_all()
    run.retry()

    assert run.wait().state == "completed"
    assert ward.ran == [1, 2, 12, 11, 1, 2, 3]


def test_retry_takes_a_persons_word_that_he_made_good_what_a_compensation_did_not() -> None:
    ward = Ward()
    run = ended(ward, {3, 11})
    ward.cure()

    ward.operations.dead.discard(FIRST_UNDO, why="done by hand")
    run.retry()

    assert run.wait().state == "completed"


def test_compensation_that_failed_is_still_told_when_the_retried_run_fails() -> None:
    ward = Ward()
    run = ended(ward, {3, 11})
    ward.operations.dead.discard(FIRST_UNDO, why="done by hand")
    ward.is_ill = lambda number: number == 3

    run.retry()

    assert run.wait().not_compensated == ("first",)
    assert ward.ran == [1, 2, 12, 1, 2, 12, 11]


def test_retry_waits_for_compensations_within_a_part_and_takes_note_of_them() -> None:
    ward = Ward()
    around = Workflow(
        "around", step("part", a_round()), step("last", VISIT.with_(number=4), after="part")
    )
    run = ended(ward, {4, 11, 12}, flow=around)
    ward.cure()
    assert run.status().not_compensated == ("part",)
    undoing = ["r.1:part.1:first-undo", "r.1:part.1:second-undo"]

    for one in undoing:
        with pytest.raises(WorkflowStateError, match=one):
            run.retry_all()
        ward.operations.dead.retry(one)
        ward.stage.run_all()
    assert run.status().not_compensated == ()
    run.retry_all()

    assert run.wait().state == "completed"


def test_what_was_left_as_it_was_is_made_good_when_the_retried_run_fails() -> None:
    ward = Ward()
    ward.is_ill = lambda number: number == 3
    run = ward.stage.client.start(a_round(), workflow_id="r")
    ward.stage.play_until(lambda: 2 in ward.ran)
    run.cancel("enough", compensate=False)
    ward.stage.run_all()
    assert ward.ran == [1, 2]

    run.retry_all()

    assert run.wait().not_compensated == ()
    assert ward.ran == [1, 2, 1, 2, 12, 12, 11, 11]
