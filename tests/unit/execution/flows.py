"""Batches and workflows of jobs on the bench, without anybody who moves them on."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.unit.execution.bench import ORDERS, Bench, Task
from workerless.due import shard_of
from workerless.enqueueing import Options, entry
from workerless.execution.workflow_sweep import WorkflowSweeper, sweep_workflows
from workerless.orders import Orders
from workerless.workflow.definition import Kind
from workerless.workflow.mark import SlotState
from workerless.workflow_ports import Container

FLOW = "flow-1"
ORDER = '{"container": "flow-1"}'


def opened(
    bench: Bench,
    kind: Kind = Kind.BATCH,
    *,
    container_id: str = FLOW,
    held_until: datetime | None = None,
    member_of: str | None = None,
) -> None:
    now = bench.clock.now()
    new = Container(
        container_id=container_id,
        name="flow",
        kind=kind,
        state="running",
        control="{}",
        created_at=now,
        updated_at=now,
        held_until=held_until,
        member_of=member_of,
    )
    assert bench.containers.create(new).created


def enqueued(bench: Bench, places: Sequence[str], texts: Sequence[str] = ()) -> list[str]:
    """A job for each place, its record and its message."""
    ids = [f"member-{number}" for number in range(len(places))]
    for job_id, place, text in zip(ids, places, texts or [""] * len(places), strict=True):
        put(bench, job_id, place, text)
    return ids


def put(bench: Bench, job_id: str, place: str | None, text: str = "") -> None:
    made = entry(
        bench.job_type,
        Task(text=text),
        Options(job_id=job_id, member_of=place),
        now=bench.clock.now(),
        new_id=lambda: "unused",
        bucket=lambda: "files",
    )
    bench.store.put_many([made.record])
    assert made.outgoing is not None
    bench.send(made.outgoing.body)


def batch_of(bench: Bench, members: int, texts: Sequence[str] = ()) -> list[str]:
    opened(bench)
    ids = [f"member-{number}" for number in range(members)]
    (places,) = bench.containers.add_pages(FLOW, [ids], at=bench.clock.now())
    return enqueued(bench, places, texts)


def flow(bench: Bench) -> Container:
    (found,) = bench.containers.read_many([FLOW])
    assert found is not None
    return found


def marks(bench: Bench) -> dict[str, SlotState]:
    found = flow(bench)
    pages = bench.containers.read_pages(FLOW, list(found.pages))
    told = {**found.marks, **{k: v for page in pages if page for k, v in page.marks.items()}}
    return {slot: mark.state for slot, mark in told.items()}


def looks(bench: Bench) -> list[str]:
    """What the sweeper shall look at now."""
    found = bench.containers.due(shard_of(FLOW), before=bench.clock.now(), limit=10)
    return [one.container_id for one in found]


def swept(bench: Bench, container_id: str = FLOW) -> list[dict[str, object]]:
    """One run of the sweeper over a container's shard; what it repaired."""
    told = len(bench.telemetry.transitions)
    sweeper = WorkflowSweeper(
        containers=bench.containers,
        store=bench.store,
        orders=Orders(queue=bench.queue, address=ORDERS),
        clock=bench.clock,
        telemetry=bench.telemetry,
        until=bench.clock.now() + timedelta(seconds=50),
    )
    sweep_workflows(shard_of(container_id), sweeper)
    return [
        {name: value for name, value in line.items() if name not in ("event", "kind")}
        for line in bench.telemetry.transitions[told:]
        if line["event"] == "workflow.repaired"
    ]


def ordered(bench: Bench) -> list[dict[str, object]]:
    return [json.loads(message.body) for message in bench.queue.messages(ORDERS)]
