"""Orders get lost, stores go silent, orchestrators die: what was decided is done all the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.orchestration.mill import Mill, grind, pack, three_steps
from workerless import chain, chord, group, result_of
from workerless.errors import StoreUnavailableError
from workerless.orchestrator import obey
from workerless.orders import Order, write_order
from workerless.ports import Put
from workerless.record import Record
from workerless.testing.stage import InMemoryStage


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
