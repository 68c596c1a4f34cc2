"""Orders get lost, stores go silent, orchestrators die: what was decided is done all the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.orchestration.mill import Grain, Mill, grind, pack, redrive, three_steps
from workerless import OnFailure, Workflow, chain, chord, group, orchestrator, result_of, step
from workerless.aws.workflow.change import save_container, write_marks
from workerless.errors import StoreUnavailableError
from workerless.orchestration.look import look
from workerless.orchestrator import obey
from workerless.orders import Order, write_order
from workerless.ports import Put
from workerless.record import Record
from workerless.testing.stage import InMemoryStage
from workerless.workflow.definition import Kind
from workerless.workflow.mark import Mark, SlotState
from workerless.workflow_ports import Container, Marked, Told

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def order(container_id: str, receives: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "messageId": f"m-{container_id}",
        "body": write_order(Order(container_id=container_id)).body,
        "attributes": {"ApproximateReceiveCount": str(receives)},
        **changes,
    }


def lose_orders(stage: InMemoryStage) -> None:
    address = stage.doubles.orders().address
    for record in stage.doubles.queue.deliver(address, 1_000):
        stage.doubles.queue.acknowledge(address, record["receiptHandle"])


def test_lost_orders_are_made_up_for_by_the_sweeper(mill: Mill, stage: InMemoryStage) -> None:
    run = stage.client.start(chain(grind.with_(n=1), grind))
    lose_orders(stage)

    assert run.wait(timedelta(minutes=3)).state == "completed"
    assert mill.did("grind") == [1, 2]


@pytest.mark.parametrize("size", [3, 150])
def test_who_dies_between_deciding_and_doing_is_made_up_for(
    size: int, mill: Mill, stage: InMemoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [grind.with_(n=n) for n in range(size)]
    run = stage.client.start(chord(parts, pack.with_(ns=result_of().n)), workflow_id="w")
    store, silences = stage.doubles.store, [True, False, True, True]
    put_many = store.put_many

    def silent(records: Sequence[Record]) -> list[Put]:
        if silences and silences.pop(0):
            raise StoreUnavailableError("silent")
        return put_many(records)

    monkeypatch.setattr(store, "put_many", silent)

    assert run.wait(timedelta(hours=1)).state == "completed"
    assert len(mill.did("grind")) == size
    assert len(mill.did("pack")) == 1
    assert [one.event for one in stage.telemetry.troubles if one.event == "look_failed"]


def test_orders_that_come_again_and_again_change_nothing(mill: Mill, stage: InMemoryStage) -> None:
    run = stage.client.start(three_steps(), workflow_id="w")
    for _ in range(30):
        obey([order("w", receives=2), order("w")], stage.doubles.orchestra())
        stage.drain(limit=1)

    assert run.wait().state == "completed"
    assert mill.did("grind") == [1, 2, 3]
    before = run.status()
    obey([order("w", receives=2)], stage.doubles.orchestra())
    assert run.status() == before


def test_what_is_no_order_comes_back_and_holds_up_no_other(
    mill: Mill, stage: InMemoryStage
) -> None:
    stage.client.start(grind.with_(n=1), workflow_id="w")
    records = [order("x", body="{}", messageId="bad"), order("w"), order("gone")]

    answer = obey(records, stage.doubles.orchestra())

    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert len(list(stage.doubles.store.records())) == 1


def test_order_that_no_code_can_obey_holds_up_no_other(
    mill: Mill, stage: InMemoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.client.start(grind.with_(n=1), workflow_id="w")

    def broken(order: Order, *others: Any, **more: Any) -> None:
        if order.container_id == "gone":
            raise KeyError("a mistake of ours")
        look(order, *others, **more)

    monkeypatch.setattr(orchestrator, "look", broken)

    answer = obey([order("gone"), order("w")], stage.doubles.orchestra())

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-gone"}]}
    assert [one.event for one in stage.telemetry.troubles] == ["look_failed"]
    assert len(list(stage.doubles.store.records())) == 1


def test_step_whose_id_is_another_jobs_fails(mill: Mill, stage: InMemoryStage) -> None:
    stage.client.enqueue(grind, grind.payload(n=7), job_id="w.1:grind")
    run = stage.client.start(grind.with_(n=1), workflow_id="w")

    status = run.wait()

    assert (status.state, status.failed) == ("failed", 1)
    assert mill.did("grind") == [7]
    assert "step_has_another_job" in [one.event for one in stage.telemetry.troubles]


def test_out_of_time_the_rest_is_anothers(mill: Mill, stage: InMemoryStage) -> None:
    stage.client.start(group(*(grind.with_(n=n) for n in range(1_000))), workflow_id="g")
    lose_orders(stage)
    obey([order("g")], replace(stage.doubles.orchestra(), has_time=lambda: False))

    made = len(list(stage.doubles.store.records()))
    assert 0 < made < 1_000
    stage.run_all()
    assert stage.client.workflow("g").status().state == "completed"
    assert len(mill.did("grind")) == 1_000


def test_what_is_called_off_without_time_is_called_off_by_another(
    mill: Mill, stage: InMemoryStage
) -> None:
    later = grind.with_(n=1).options(delay=timedelta(hours=1))
    run = stage.client.start(group(*([later] * 300)), workflow_id="g")
    stage.drain()
    run.cancel("enough")
    lose_orders(stage)
    for _ in range(3):
        obey([order("g")], replace(stage.doubles.orchestra(), has_time=lambda: False))

    assert run.wait().cancelled == 300


def test_run_goes_on_after_its_end_though_who_saw_to_that_died(
    mill: Mill, stage: InMemoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    mill.bad.add(1)
    run = stage.client.start(chain(grind.with_(n=1), grind), workflow_id="w")
    run.wait()
    mill.bad.clear()
    redrive("w.1:grind", stage)

    def silent(*_: object) -> bool:
        raise StoreUnavailableError("silent")

    with monkeypatch.context() as patch:
        patch.setattr(stage.doubles.store.containers, "save", silent)
        obey([order("w")], stage.doubles.orchestra())
    lose_orders(stage)
    stage.run_all()

    assert run.status().state == "completed"


def test_run_that_has_ended_hears_of_its_part_though_the_answer_to_that_is_lost(
    mill: Mill, stage: InMemoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    mill.bad.add(1)
    inside = step("inside", group(grind.with_(n=1)), on_failure=OnFailure.CONTINUE)
    run = stage.client.start(Workflow("flow", inside), workflow_id="w")
    assert run.wait().state == "completed_with_errors"
    mill.bad.clear()
    redrive("w.1:inside.1:grind", stage)
    containers = stage.doubles.store.containers
    mark_many = containers.mark_many

    def forgetful(told: Sequence[Told]) -> list[Marked]:
        """The first try was written and not answered, so the second finds nothing new."""
        answers = mark_many(told)
        around = [one.membership.container_id == "w" for one in told]
        return [
            replace(marked, is_new=marked.is_new and not is_around)
            for marked, is_around in zip(answers, around, strict=True)
        ]

    monkeypatch.setattr(containers, "mark_many", forgetful)
    stage.run_all()

    assert run.status().state == "completed"


def test_one_write_marks_no_more_steps_than_its_expressions_can_hold() -> None:
    """DynamoDB takes 4 KB each; slots below have the longest names that there are."""
    mark = Mark(generation=1, state=SlotState.STARTED, at=NOW)
    slots = [f"100:{'a_' * 19}{number:02}-undo" for number in range(20)]
    run = Container(
        container_id="w",
        name="w",
        kind=Kind.WORKFLOW,
        state="running",
        control="{}",
        created_at=NOW,
        updated_at=NOW,
    )
    starting = save_container(run, dict.fromkeys(slots[:20], mark), NOW)
    ending = write_marks(dict.fromkeys(slots[:15], mark))

    for update in (starting, ending):
        told = update.parameters("table", {})
        assert len(told["UpdateExpression"]) <= 4_096
        assert len(told["ConditionExpression"]) <= 4_096


def test_page_that_is_closed_late_is_waited_for_again(
    mill: Mill, stage: InMemoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    containers = stage.doubles.store.containers
    mill.bad.add(1)
    batch = stage.client.batch(batch_id="b", hold=timedelta(days=1))
    batch.add(grind, Grain(n=1), job_id="one")
    stage.drain()
    mill.bad.clear()
    redrive("one", stage)
    (page,) = stage.doubles.store.containers.read_many(["b"])[0].pages  # type: ignore[union-attr]
    containers.close_page("b", page)  # by who saw the first end, and was slow
    with monkeypatch.context() as silent:
        silent.setattr(
            containers, "mark_many", lambda told: [Marked(is_new=False, calls=False) for _ in told]
        )
        stage.drain()  # the word of the second end is lost
    batch.let_go()

    assert batch.wait(timedelta(hours=2)).state == "completed"
