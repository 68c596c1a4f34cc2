"""Workflows from their start to their end, with workers, on one virtual clock."""

from datetime import timedelta

import pytest

from tests.unit.orchestration.mill import Mill, Sacks, call, grind, pack, sweep_up, three_steps
from workerless import OnFailure, Workflow, chain, chord, group, result_of, step
from workerless.errors import (
    ContainerNotFoundError,
    EnqueueRefusedError,
    JobConflictError,
    UnknownJobTypeError,
    WaitTimeoutError,
    WorkflowStateError,
)
from workerless.job_type import JobType
from workerless.metric import ENQUEUED
from workerless.states import State
from workerless.testing.stage import InMemoryStage
from workerless.workflow.standing import Standing


def standings(stage: InMemoryStage, run_id: str) -> dict[str, Standing]:
    return {one.name: one.standing for one in stage.client.workflow(run_id).status().steps}


def test_each_step_of_a_chain_takes_what_the_one_before_gave(
    mill: Mill, stage: InMemoryStage
) -> None:
    run = stage.client.start(chain(grind.with_(n=1), grind, grind), workflow_id="c")

    status = run.wait()

    assert (status.state, status.total, status.completed) == ("completed", 3, 3)
    assert mill.did("grind") == [1, 2, 3]
    assert run.result() == {"n": 4, "note": "from c.1:grind_3"}


@pytest.mark.parametrize("members", [0, 1, 2, 100, 101, 500])
def test_callback_of_a_chord_gets_all_results_in_order_once(
    members: int, mill: Mill, stage: InMemoryStage
) -> None:
    parts = [grind.with_(n=n) for n in range(members)]
    run = stage.client.start(chord(parts, pack.with_(ns=result_of().n)))

    assert run.wait().state == "completed"
    assert mill.did("pack") == [[n + 1 for n in range(members)]]
    assert len(mill.did("grind")) == members


def test_parts_in_parts_take_results_from_around_them(mill: Mill, stage: InMemoryStage) -> None:
    inner = chain(grind.with_(n=result_of("first").n), grind)
    flow = Workflow(
        "nested",
        step("first", grind.with_(n=10)),
        step("both", group(inner, group(grind.with_(n=50), grind.with_(n=60)))),
        step("last", grind.with_(n=result_of("both")[0].n), after="both"),
    )

    run = stage.client.start(flow, workflow_id="w", tenant="acme", correlation_id="order-7")

    assert run.wait().state == "completed"
    assert sorted(mill.did("grind")) == [10, 11, 12, 13, 50, 60]  # type: ignore[type-var]
    part = stage.client.workflow("w.1:both")
    assert part.status().depth == 2
    assert part.result()[1] == [
        {"n": 51, "note": "from w.1:both.1:group.1:grind"},
        {"n": 61, "note": "from w.1:both.1:group.1:grind_2"},
    ]
    jobs = [record for record in stage.doubles.store.records() if record.job_type == "grind"]
    assert {(one.tenant, one.correlation_id) for one in jobs} == {("acme", "order-7")}


def test_what_a_failed_workflow_did_is_made_good_the_last_first(
    mill: Mill, stage: InMemoryStage
) -> None:
    mill.bad = {3}
    run = stage.client.start(three_steps())

    status = run.wait()

    assert status.state == "failed"
    assert mill.did("sweep_up") == [3, 2, 1]
    assert [one.compensation for one in status.steps] == [Standing.COMPLETED] * 3
    assert status.not_compensated == ()


def test_compensation_that_fails_is_told_and_keeps_none_from_running(
    mill: Mill, stage: InMemoryStage
) -> None:
    mill.bad = {3, -2}
    run = stage.client.start(three_steps())

    assert run.wait().not_compensated == ("second",)
    assert mill.did("sweep_up") == [3, 2, 1]


def test_part_that_completed_is_undone_from_within(mill: Mill, stage: InMemoryStage) -> None:
    mill.bad = {9}
    flow = Workflow(
        "outer", step("inner", three_steps()), step("x", grind.with_(n=9), after="inner")
    )

    run = stage.client.start(flow, workflow_id="w")

    assert run.wait().state == "failed"
    assert mill.did("sweep_up") == [3, 2, 1]
    assert stage.client.workflow("w.1:inner").status().state == "cancelled"


@pytest.mark.parametrize(
    ("policy", "state", "packed"),
    [
        (OnFailure.FAIL, "failed", []),
        (OnFailure.CONTINUE, "completed_with_errors", []),
        (OnFailure.IGNORE, "completed_with_errors", [[2, None]]),
    ],
)
def test_failed_step_does_what_its_policy_says(
    policy: OnFailure, state: str, packed: list[object], mill: Mill, stage: InMemoryStage
) -> None:
    mill.bad = {7}
    flow = Workflow(
        "w",
        step("good", grind.with_(n=1)),
        step("bad", grind.with_(n=7), on_failure=policy),
        step("all", pack.with_(ns=[result_of("good").n, result_of("bad").n])),
    )

    assert stage.client.start(flow).wait().state == state
    assert mill.did("pack") == packed


def test_discarded_step_gives_none_and_the_workflow_goes_on(
    mill: Mill, stage: InMemoryStage
) -> None:
    mill.thrown_away = {7}
    flow = chain(grind.with_(n=7), pack.with_(ns=[result_of().n]))

    assert stage.client.start(flow).wait().state == "completed"
    assert mill.did("pack") == [[None]]


def test_big_group_that_fails_calls_off_what_waits(mill: Mill, stage: InMemoryStage) -> None:
    mill.bad = {5}
    parts = [grind.with_(n=n).options(delay=timedelta(minutes=n)) for n in range(150)]
    run = stage.client.start(group(*parts), workflow_id="g")

    status = run.wait(timeout=timedelta(hours=3))

    assert (status.state, status.completed, status.failed) == ("failed", 5, 1)
    assert (status.total, status.cancelled) == (150, 144)
    assert mill.did("grind") == [0, 1, 2, 3, 4, 5]


def test_cancelled_workflow_calls_off_what_waits_and_makes_good_what_was(
    mill: Mill, stage: InMemoryStage
) -> None:
    later = grind.with_(n=2).options(delay=timedelta(hours=1))
    flow = Workflow(
        "w",
        step("first", grind.with_(n=1), compensate=sweep_up.with_(n=1)),
        step("second", later, after="first", compensate=sweep_up.with_(n=2)),
    )
    run = stage.client.start(flow)
    stage.drain()

    run.cancel("changed their minds")
    run.cancel("again")

    status = run.wait()
    assert (status.state, status.reason) == ("cancelled", "changed their minds")
    assert mill.done == [("grind", 1), ("sweep_up", 1)]
    done = stage.client.start(chain(grind.with_(n=1)))
    done.wait()
    with pytest.raises(WorkflowStateError, match="only a running workflow"):
        done.cancel()


def test_retried_workflow_begins_what_failed_anew(mill: Mill, stage: InMemoryStage) -> None:
    mill.bad = {2}
    run = stage.client.start(chain(grind.with_(n=1), grind, grind), workflow_id="w")
    assert run.wait().state == "failed"
    mill.bad = set()

    run.retry()

    assert run.wait().state == "completed"
    assert mill.did("grind") == [1, 2, 2, 3]
    assert [one.epoch for one in run.status().steps] == [1, 2, 2]
    with pytest.raises(WorkflowStateError, match="completed"):
        run.retry()


def test_whole_workflow_is_retried_after_it_made_good_what_it_did(
    mill: Mill, stage: InMemoryStage
) -> None:
    mill.bad = {3}
    run = stage.client.start(three_steps())
    run.wait()
    mill.bad = set()

    run.retry_all()

    assert run.wait().state == "completed"
    assert mill.did("grind") == [1, 2, 3, 1, 2, 3]


def test_same_workflow_under_one_id_is_started_once(mill: Mill, stage: InMemoryStage) -> None:
    flow = chain(grind.with_(n=1), grind)
    first = stage.client.start(flow, workflow_id="w")
    stage.clock.advance(timedelta(milliseconds=1))
    second = stage.client.start(flow, workflow_id="w")
    stage.run_all()
    third = stage.client.start(flow, workflow_id="w")
    stage.run_all()

    assert [one.is_duplicate for one in (first, second, third)] == [False, True, True]
    assert mill.did("grind") == [1, 2]
    with pytest.raises(JobConflictError, match="'w' is taken by a workflow of another definition"):
        stage.client.start(chain(grind.with_(n=5)), workflow_id="w")


@pytest.mark.parametrize("days", [1, 29])
def test_run_stands_for_its_id_as_long_as_its_jobs_do(
    mill: Mill, stage: InMemoryStage, days: int
) -> None:
    flow = chain(grind.with_(n=1), grind)
    stage.client.start(flow, workflow_id="w")
    stage.run_all()
    stage.clock.advance(timedelta(days=days, minutes=1))
    again = stage.client.start(flow, workflow_id="w")
    stage.run_all()

    assert (again.is_duplicate, again.status().state) == (True, "completed")
    stage.clock.advance(timedelta(days=30 - days))
    anew = stage.client.start(flow, workflow_id="w")
    stage.run_all()
    assert (anew.is_duplicate, mill.did("grind")) == (False, [1, 2, 1, 2])


def test_start_is_refused_before_anything_is_stored(stage: InMemoryStage) -> None:
    stranger = JobType(name="stranger", payload=Sacks)
    with pytest.raises(UnknownJobTypeError):
        stage.client.start(group(grind.with_(n=1), stranger.with_(ns=[])), workflow_id="w")
    for options in ({"workflow_id": "a/b"}, {"tenant": " "}, {"description": "\n"}):
        with pytest.raises(EnqueueRefusedError):
            stage.client.start(grind.with_(n=1), **options)

    with pytest.raises(ContainerNotFoundError):
        stage.client.workflow("w").status()


def test_waiting_for_a_workflow_ends_in_time(stage: InMemoryStage) -> None:
    later = grind.with_(n=1).options(delay=timedelta(days=1))
    run = stage.client.start(chain(later))

    with pytest.raises(WaitTimeoutError, match="0 of 1 completed"):
        run.wait(timedelta(minutes=10))
    with pytest.raises(WorkflowStateError, match="running"):
        run.result()


def test_step_whose_payload_does_not_validate_fails_with_its_reason(
    mill: Mill, stage: InMemoryStage
) -> None:
    mill.thrown_away = {1}
    run = stage.client.start(chain(grind.with_(n=1), grind), workflow_id="w")

    assert run.wait().state == "failed"
    assert stage.client.job("w.1:grind_2").status().state is State.FAILED
    assert stage.client.job("w.1:grind_2").status().failed_reason == "invalid_payload"


def test_long_ids_and_big_results_go_through(mill: Mill, stage: InMemoryStage) -> None:
    big = "x" * 300_000
    flow = chain(grind.with_(n=1), call.with_(n=2, note=result_of().note))
    run = stage.client.start(flow, workflow_id="w" * 128)
    assert run.wait().state == "completed"

    again = stage.client.start(chain(call.with_(n=1, note=big)), workflow_id="big")
    assert again.wait().state == "completed"
    assert mill.did("call")[1] == (1, big)


def test_steps_are_counted_as_enqueued_once(stage: InMemoryStage) -> None:
    stage.client.start(chain(grind.with_(n=1), group(grind, grind))).wait()

    told = [line for line in stage.doubles.telemetry.transitions if line["event"] == ENQUEUED]
    assert [(line["job_type"], line["jobs"]) for line in told] == [("grind", 1), ("grind", 2)]
