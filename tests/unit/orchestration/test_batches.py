"""Batches from their opening to their callbacks, with workers, on one virtual clock."""

from datetime import timedelta

import pytest

from tests.unit.orchestration.mill import Grain, Mill, Sacks, call, grind, pack, redrive
from workerless import summary_of_batch
from workerless.batch_handle import Batch
from workerless.errors import (
    BatchClosedError,
    EnqueueRefusedError,
    JobConflictError,
    ResultMissingError,
    WorkflowStateError,
)
from workerless.testing.stage import InMemoryStage

HOUR = timedelta(hours=1)
CALLBACKS = {
    "on_success": call.with_(n=summary_of_batch().completed),
    "on_completion": call.with_(n=summary_of_batch().failed, note=summary_of_batch().batch_id),
    "on_first_failure": call.with_(n=summary_of_batch().failed),
}


def grains(*numbers: int) -> list[Grain]:
    return [Grain(n=n) for n in numbers]


def fill_and_fail(batch: Batch) -> None:
    with batch:
        batch.add(grind, Grain(n=1), delay=HOUR)
        raise ZeroDivisionError


def called(mill: Mill) -> list[tuple[str, object]]:
    return [one for one in mill.done if one[0].startswith("on_")]


def test_batch_calls_back_once_all_have_completed(mill: Mill, stage: InMemoryStage) -> None:
    with stage.client.batch("milling", batch_id="b", **CALLBACKS) as batch:  # type: ignore[arg-type]
        batch.add_many(grind, grains(*range(100)))
        stage.drain()
        batch.add(pack, Sacks(ns=[1]))
        assert called(mill) == []

    status = batch.wait()
    stage.run_all()

    assert (status.state, status.total, status.completed) == ("completed", 101, 101)
    assert sorted(called(mill)) == [("on_completion", (0, "b")), ("on_success", (101, ""))]


def test_batch_with_failures_tells_the_first_and_the_end(mill: Mill, stage: InMemoryStage) -> None:
    mill.bad = {3, 4}
    with stage.client.batch(batch_id="b", **CALLBACKS) as batch:  # type: ignore[arg-type]
        batch.add_many(grind, grains(1, 2, 3, 4))

    status = batch.wait()
    stage.run_all()

    assert (status.state, status.failed) == ("completed_with_errors", 2)
    assert sorted(one for one, _ in called(mill)) == ["on_completion", "on_first_failure"]


def test_batch_succeeds_once_what_failed_was_redriven(mill: Mill, stage: InMemoryStage) -> None:
    mill.bad = {3}
    with stage.client.batch(batch_id="b", **CALLBACKS) as batch:  # type: ignore[arg-type]
        jobs = batch.add_many(grind, grains(1, 2, 3))
    batch.wait()
    stage.run_all()
    mill.bad = set()

    redrive(jobs[2].id, stage)
    stage.run_all()

    assert batch.status().state == "completed"
    names = [one for one, _ in called(mill)]
    assert sorted(names) == ["on_completion", "on_first_failure", "on_success"]


def test_empty_batch_completes_when_it_is_let_go(mill: Mill, stage: InMemoryStage) -> None:
    with stage.client.batch(**CALLBACKS) as batch:  # type: ignore[arg-type]
        stage.advance(timedelta(minutes=5))
        assert not batch.status().has_ended

    assert batch.wait().state == "completed"
    with pytest.raises(BatchClosedError):
        batch.add(grind, Grain(n=1))


def test_members_are_added_by_whoever_names_the_batch(mill: Mill, stage: InMemoryStage) -> None:
    for _ in range(2):
        with stage.client.batch(batch_id="b") as batch:
            made = batch.add_many(grind, grains(1, 2), idempotency_key=lambda one: str(one.n))
            stage.drain()

    assert [one.is_duplicate for one in made] == [True, True]
    assert mill.did("grind") == [1, 2]
    assert batch.wait().total == 2


def test_batch_left_by_an_exception_is_cancelled_unless_it_can_be_filled_again(
    mill: Mill, stage: InMemoryStage
) -> None:
    named, nameless = stage.client.batch(batch_id="named"), stage.client.batch()
    for batch in (named, nameless):
        with pytest.raises(ZeroDivisionError):
            fill_and_fail(batch)
    stage.drain()

    assert named.status().state == "running"
    status = nameless.wait()
    assert (status.state, status.cancelled) == ("cancelled", 1)
    assert status.reason == "it was not filled: ZeroDivisionError"
    assert mill.done == []


def test_batch_whose_maker_is_gone_is_let_go_after_its_hold(
    mill: Mill, stage: InMemoryStage
) -> None:
    batch = stage.client.batch(batch_id="b", hold=HOUR)
    batch.add(grind, Grain(n=1))
    stage.advance(timedelta(minutes=50))
    assert not batch.status().has_ended

    stage.advance(timedelta(minutes=40))

    assert batch.status().state == "completed"


def test_cancelled_batch_calls_off_its_members(mill: Mill, stage: InMemoryStage) -> None:
    with stage.client.batch(**CALLBACKS) as batch:  # type: ignore[arg-type]
        batch.add_many(grind, grains(*range(300)), delay=HOUR)

    batch.cancel("enough")

    status = batch.wait()
    stage.run_all()
    assert (status.state, status.cancelled, status.reason) == ("cancelled", 300, "enough")
    assert "on_success" not in [one for one, _ in called(mill)]
    assert mill.did("grind") == []
    with pytest.raises(WorkflowStateError, match="redrive"):
        batch.retry()


def test_job_of_another_batch_is_told_to_be_that(stage: InMemoryStage) -> None:
    stage.client.batch().add(grind, Grain(n=1), job_id="same")
    with pytest.raises(JobConflictError, match="'same' is there already, outside of batch 'b'"):
        stage.client.batch(batch_id="b").add(grind, Grain(n=1), job_id="same")


def test_batch_has_no_result_of_its_own(stage: InMemoryStage) -> None:
    with stage.client.batch(batch_id="b", on_success=call.with_(n=1)) as batch:
        pass
    batch.wait()
    with pytest.raises(ResultMissingError, match="'b' is a batch: its members have results"):
        batch.result()


def test_member_has_no_tenant_but_its_batchs(stage: InMemoryStage) -> None:
    batch = stage.client.batch(batch_id="b", tenant="acme")

    with pytest.raises(
        EnqueueRefusedError, match=r"tenant of a member is its batch's, got 'other'"
    ):
        batch.add(grind, Grain(n=1), tenant="other")  # type: ignore[call-arg]
    with pytest.raises(EnqueueRefusedError, match=r"client\.batch"):
        batch.add_many(grind, grains(1), tenant="other")  # type: ignore[call-arg]

    assert stage.doubles.store.records() == []


def test_who_waits_for_a_bare_number_is_told_so(stage: InMemoryStage) -> None:
    job = stage.client.enqueue(grind, Grain(n=1))
    batch = stage.client.batch(batch_id="b")

    for wait in (job.wait, batch.wait):
        with pytest.raises(TypeError, match="timeout must be a timedelta, got 5"):
            wait(timeout=5)  # type: ignore[arg-type]


def test_batch_is_refused_for_what_it_cannot_be(stage: InMemoryStage) -> None:
    with pytest.raises(EnqueueRefusedError, match="hold"):
        stage.client.batch(hold=timedelta(0))
    stage.client.batch(batch_id="b")
    stage.advance(timedelta(seconds=1))
    assert stage.client.batch(batch_id="b").is_duplicate
    with pytest.raises(JobConflictError):
        stage.client.batch(batch_id="b", on_success=call.with_(n=1))
