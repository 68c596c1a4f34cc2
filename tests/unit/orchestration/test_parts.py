"""Parts that go on after their end, and what is around them."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.unit.orchestration.mill import Mill, grind, pack, redrive, sweep_up
from workerless import OnFailure, Workflow, chain, group, result_of, step
from workerless.errors import WorkflowStateError
from workerless.frozen import replace
from workerless.orchestration.retry import retry_run
from workerless.orders import Order, Orders
from workerless.run_handle import Run
from workerless.testing.stage import InMemoryStage
from workerless.workflow.control import Control, write_control
from workerless.workflow.standing import Standing


class Deaf(Orders):
    """Its orders get lost."""

    def try_to_send(self, orders: Sequence[Order]) -> dict[str, str]:
        return {}


def two_rows(*, on_failure: OnFailure = OnFailure.FAIL) -> Workflow:
    """Two chains at once, and what comes after both: 6 is ground in the last step of one."""
    rows = group(chain(grind.with_(n=1), grind), chain(grind.with_(n=5), grind))
    return Workflow(
        "rows",
        step("both", rows, on_failure=on_failure),
        step("last", pack.with_(ns=[]), after="both"),
    )


def made_good() -> Workflow:
    inner = chain(grind.with_(n=5), grind)
    return Workflow(
        "w",
        step("first", grind.with_(n=1), compensate=sweep_up.with_(n=1)),
        step("part", inner, after="first"),
    )


def failed(stage: InMemoryStage, mill: Mill, flow: Workflow, *, bad: int = 6) -> Run:
    mill.bad = {bad}
    run = stage.client.start(flow, workflow_id="w")
    run.wait()
    stage.run_all()
    mill.bad = set()
    mill.done.clear()
    return run


def test_part_is_retried_from_within_and_all_around_it_goes_on(
    mill: Mill, stage: InMemoryStage
) -> None:
    run = failed(stage, mill, two_rows())
    assert run.status().state == "failed"

    stage.client.workflow("w.1:both.1:chain_2").retry()
    stage.run_all()

    assert run.wait().state == "completed"
    assert mill.done == [("grind", 6), ("pack", [])]
    assert {one.epoch for one in run.status().steps} == {1}


def test_part_is_retried_from_a_step_of_its_own(mill: Mill, stage: InMemoryStage) -> None:
    run = failed(stage, mill, two_rows())

    stage.client.workflow("w.1:both.1:chain_2").retry("grind")
    stage.run_all()

    assert run.wait().state == "completed"
    assert mill.did("grind") == [5, 6]


def test_what_was_skipped_for_a_part_runs_once_that_is_retried(
    mill: Mill, stage: InMemoryStage
) -> None:
    run = failed(stage, mill, two_rows(on_failure=OnFailure.CONTINUE))
    assert run.status().state == "completed_with_errors"

    stage.client.workflow("w.1:both.1:chain_2").retry()
    stage.run_all()

    assert run.wait().state == "completed"
    assert mill.did("pack") == [[]]


def test_part_of_what_has_made_good_is_refused_and_what_to_retry_is_told(
    mill: Mill, stage: InMemoryStage
) -> None:
    run = failed(stage, mill, made_good())

    with pytest.raises(WorkflowStateError, match="made good what it did: retry step 'part'"):
        stage.client.workflow("w.1:part").retry()

    run.retry("part")
    assert run.wait().state == "completed"
    assert mill.did("grind") == [1, 5, 6]


def test_run_that_is_retried_has_its_parts_go_on_where_they_failed(
    mill: Mill, stage: InMemoryStage
) -> None:
    run = failed(stage, mill, two_rows())

    run.retry()

    assert run.wait().state == "completed"
    assert mill.done == [("grind", 6), ("pack", [])]


def test_what_was_called_off_with_a_part_goes_on_too(mill: Mill, stage: InMemoryStage) -> None:
    slow = chain(grind.with_(n=1), grind.with_(n=2).options(delay=timedelta(hours=1)))
    rows = group(slow, chain(grind.with_(n=5), grind))
    run = failed(stage, mill, Workflow("w", step("rows", rows)))

    run.retry()

    assert run.wait(timedelta(hours=2)).state == "completed"
    assert sorted(mill.did("grind")) == [2, 6]  # type: ignore[type-var]


def test_cancelled_run_goes_on_where_it_was(mill: Mill, stage: InMemoryStage) -> None:
    later = grind.with_(n=2).options(delay=timedelta(hours=1))
    run = stage.client.start(Workflow("w", step("part", chain(grind.with_(n=1), later))))
    stage.drain()
    run.cancel("not now")
    assert run.wait().state == "cancelled"

    run.retry()

    assert run.wait(timedelta(hours=2)).state == "completed"
    assert mill.did("grind") == [1, 2]


def test_part_after_a_step_that_begins_anew_does_so_as_a_whole(
    mill: Mill, stage: InMemoryStage
) -> None:
    flow = Workflow(
        "w",
        step("first", grind.with_(n=1)),
        step("part", chain(grind.with_(n=5), grind), after="first"),
    )
    run = failed(stage, mill, flow)

    run.retry("first")

    assert run.wait().state == "completed"
    assert mill.did("grind") == [1, 5, 6]


def test_what_took_nothing_from_a_part_takes_its_result_once_that_is_retried(
    mill: Mill, stage: InMemoryStage
) -> None:
    inner = chain(grind.with_(n=5), grind)
    flow = Workflow(
        "w",
        step("part", inner, on_failure=OnFailure.IGNORE),
        step("sum", pack.with_(ns=[result_of("part").n])),
    )
    run = failed(stage, mill, flow)

    run.retry()

    assert run.wait().state == "completed"
    assert mill.done == [("grind", 6), ("pack", [7])]


@pytest.mark.parametrize("asked", [1, 2])
def test_retry_that_died_after_the_parts_is_made_up_for(
    asked: int, mill: Mill, stage: InMemoryStage
) -> None:
    run = failed(stage, mill, two_rows())
    world = stage.doubles.orchestra()
    part = stage.client.workflow("w.1:both.1:chain_2")
    deaf = Deaf(queue=stage.doubles.queue, address="workflows")
    retry_run(part.id, (), dataclasses.replace(world, orders=deaf))
    assert part.status().state == "running"

    if asked == 2:
        run.retry()
    stage.advance(timedelta(hours=1))

    assert run.wait().state == "completed"
    assert mill.done == [("grind", 6), ("pack", [])]


def test_part_of_an_earlier_epoch_stays_as_it_was(mill: Mill, stage: InMemoryStage) -> None:
    run = failed(stage, mill, two_rows())
    run.retry("both")
    assert run.wait().state == "completed"
    mill.done.clear()

    with pytest.raises(WorkflowStateError, match="has begun 'both' anew"):
        stage.client.workflow("w.1:both").retry()


def test_job_of_an_earlier_epoch_that_is_redriven_starts_no_step(
    mill: Mill, stage: InMemoryStage
) -> None:
    run = failed(stage, mill, two_rows(), bad=5)
    run.retry("both")
    assert run.wait().state == "completed"
    mill.done.clear()

    redrive("w.1:both.1:chain_2.1:grind", stage)
    stage.run_all()

    assert mill.did("grind") == [5]
    old = stage.client.workflow("w.1:both.1:chain_2").status()
    assert [one.standing for one in old.steps] == [Standing.COMPLETED, Standing.WAITING]
    assert old.state == "failed"


def test_part_that_goes_on_while_it_is_left_is_cancelled(mill: Mill, stage: InMemoryStage) -> None:
    """Whoever retries it may be slow: what is around it has begun to make good meanwhile."""
    failed(stage, mill, made_good())
    (part,) = stage.doubles.orchestra().containers.read_many(["w.1:part"])
    assert part is not None
    again = Control(generation=2, epochs={"grind_2": 2})
    slow = replace(part, control=json.dumps(write_control(again)), is_open=True, ended_at=None)
    assert stage.doubles.orchestra().containers.save(slow)

    stage.doubles.orchestra().order("w.1:part")
    stage.run_all()

    status = stage.client.workflow("w.1:part").status()
    assert (status.state, status.reason) == ("cancelled", "w has made good what it did")
    assert mill.done == []


def test_batch_is_not_retried(stage: InMemoryStage) -> None:
    run = stage.client.start(group(*(grind.with_(n=n) for n in range(101))), workflow_id="g")
    run.wait()

    with pytest.raises(WorkflowStateError, match="is a batch: redrive the jobs"):
        run.retry()


def test_result_of_a_retried_part_is_that_of_what_is_around_it(
    mill: Mill, stage: InMemoryStage
) -> None:
    inner = chain(grind.with_(n=5), grind)
    flow = Workflow("w", step("part", inner), step("sum", pack.with_(ns=[result_of("part").n])))
    run = failed(stage, mill, flow)

    stage.client.workflow("w.1:part").retry()
    stage.run_all()

    assert run.wait().state == "completed"
    assert mill.did("pack") == [[7]]
