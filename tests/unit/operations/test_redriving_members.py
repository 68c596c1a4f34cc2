"""Dead jobs of batches and workflows are redriven where somebody still waits for them."""

import pytest

from tests.unit.operations.ward import DEAD, VISIT, Patient, Ward
from workerless import Workflow, step
from workerless.errors import JobStateError
from workerless.ledger import Kind
from workerless.run_handle import Run

NOBODY = "nothing would make good what it does now"


def a_round(*, undoing: bool = True) -> Workflow:
    """Visits 1, 2 and 3; 11 and 13 make the first and the last good."""
    first, last = (VISIT.with_(number=n) if undoing else None for n in (11, 13))
    return Workflow(
        "round",
        step("first", VISIT.with_(number=1), compensate=first),
        step("second", VISIT.with_(number=2), after="first"),
        step("third", VISIT.with_(number=3), after="second", compensate=last),
    )


def ended(ward: Ward, flow: Workflow, *ill: int) -> Run:
    """A run called r, whose visits of these numbers failed; then all are well."""
    ward.is_ill = lambda number: number in ill
    run = ward.stage.client.start(flow, workflow_id="r")
    ward.stage.run_all()
    ward.cure()
    ward.ran.clear()
    return run


def test_step_of_a_workflow_that_made_good_what_it_did_is_not_redriven() -> None:
    ward = Ward()
    ended(ward, a_round(), 3)

    with pytest.raises(JobStateError, match=f"'r', which has made good what it did, and {NOBODY}"):
        ward.operations.dead.retry("r.1:third")

    ward.stage.run_all()
    assert ward.ran == []
    assert [one.outcome for one in ward.operations.audit.list().items] == ["refused: JobStateError"]


def test_step_is_redriven_where_there_was_nothing_to_make_good_and_its_workflow_goes_on() -> None:
    ward = Ward()
    run = ended(ward, a_round(undoing=False), 2)

    ward.operations.dead.retry("r.1:second")
    ward.stage.run_all()

    assert run.status().state == "completed"


def test_compensation_is_redriven_whatever_its_workflow_does() -> None:
    ward = Ward()
    ended(ward, a_round(), 3, 11)

    ward.operations.dead.retry("r.1:first-undo")
    ward.stage.run_all()

    assert ward.ran == [11]


def test_operator_who_insists_has_it_run() -> None:
    ward = Ward()
    ended(ward, a_round(), 3)

    ward.operations.dead.retry("r.1:third", force=True)
    ward.stage.run_all()

    assert ward.ran == [3]
    assert [one.verb for one in ward.operations.audit.list().items] == ["force retry"]


def test_step_that_was_begun_anew_is_not_redriven_beside_the_later_one() -> None:
    ward = Ward()
    run = ended(ward, a_round(undoing=False), 2)
    run.retry()
    run.wait()

    with pytest.raises(JobStateError, match="'r', which has begun 'second' anew"):
        ward.operations.dead.retry("r.1:second")


def test_step_of_a_part_is_held_against_what_is_around_the_part() -> None:
    ward = Ward()
    around = Workflow(
        "around",
        step("first", VISIT.with_(number=4), compensate=VISIT.with_(number=14)),
        step("part", a_round(undoing=False), after="first"),
    )
    ended(ward, around, 2)

    with pytest.raises(JobStateError, match="retry step 'part' of that one, or force it"):
        ward.operations.dead.retry("r.1:part.1:second")


def test_members_of_a_cancelled_batch_are_not_redriven() -> None:
    ward = Ward()
    with ward.stage.client.batch("visits", batch_id="b") as batch:
        batch.add_many(VISIT, [Patient(number=n) for n in range(3)])
        ward.stage.drain()
        batch.cancel("enough")
    ward.stage.run_all()
    (dead, *_) = ward.operations.dead.list(DEAD).items

    with pytest.raises(JobStateError, match="'b', which was cancelled"):
        ward.operations.dead.retry(dead.job_id)


def test_workflow_that_is_past_its_time_takes_no_step_and_a_batch_lets_it_run() -> None:
    ward = Ward()
    ended(ward, a_round(), 1)
    with ward.stage.client.batch("visits", batch_id="b") as batch:
        ward.is_ill = lambda _: True
        lost = batch.add(VISIT, Patient(number=5))
    ward.stage.run_all()
    ward.cure()
    containers = ward.stage.doubles.orchestra().containers
    for one in containers.read_many(["r", "b"]):
        assert one is not None
        containers.retire(one, ward.clock.now())

    with pytest.raises(JobStateError, match="past its time"):
        ward.operations.dead.retry("r.1:first")
    ward.operations.dead.retry(lost.id)
    ward.stage.run_all()

    assert ward.ran == [5]


def test_bulk_retry_takes_those_that_are_waited_for_and_tells_of_the_others() -> None:
    ward = Ward()
    ended(ward, a_round(), 3)
    ward.is_ill = lambda _: True
    ward.kill(2)
    ward.cure()

    operation = ward.operations.bulk.start(Kind.RETRY, DEAD)
    done = ward.drive()
    ward.stage.run_all()

    assert (done.counts.done, done.counts.failed) == (2, 1)
    assert NOBODY in done.problems["r.1:third"]
    assert done.operation_id == operation.operation_id
    assert sorted(ward.ran) == [0, 1]
