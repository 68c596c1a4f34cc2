"""What a hook enqueues belongs to the job that it is told of, whatever runs beside it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from workerless import Fail, Hooks
from workerless.handle import JobStatus
from workerless.origin import origin

TRACE = f"00-{'a' * 32}-{'2' * 16}-01"
OTHER = f"00-{'b' * 32}-{'2' * 16}-01"
MOMENTS = {
    "on_start": None,
    "on_success": None,
    "on_retry": ValueError(),
    "on_failed": Fail("no"),
    "on_kpi": Fail("no"),
}


def ends(payload: Task) -> Done:
    raised = MOMENTS.get(payload.text)
    if raised is not None:
        raise raised
    return Done(text="")


async def ends_beside_another(payload: Task) -> Done:
    """The other one is at work from before this begins until after it has ended."""
    await asyncio.sleep(0)
    if payload.text == "other":
        for _ in range(10):
            await asyncio.sleep(0)
    return ends(payload)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("perform", [ends, ends_beside_another])
def test_child_of_a_hook_belongs_to_its_job(
    bench: Bench, perform: Callable[[Task], Any], moment: str
) -> None:
    children: list[JobStatus[Any]] = []

    def enqueue(told: Any, *_: object) -> None:
        if getattr(told, "job", told).correlation_id == "order-7":
            children.append(bench.client.enqueue(TASK, Task(text="child")).status())

    bench.handle(perform, hooks=[Hooks(**{moment: enqueue})])
    other = bench.client.enqueue(
        TASK, Task(text="other"), correlation_id="order-8", traceparent=OTHER
    )
    job = bench.client.enqueue(TASK, Task(text=moment), correlation_id="order-7", traceparent=TRACE)

    bench.deliver()

    (child,) = children
    assert other.status().correlation_id == "order-8"
    assert (child.parent_id, child.correlation_id) == (job.id, "order-7")
    assert child.traceparent == TRACE
    assert origin().depth == -1


def test_jobs_that_enqueue_each_other_in_hooks_are_stopped(bench: Bench) -> None:
    def enqueue(*_: object) -> None:
        bench.client.enqueue(TASK, Task(text="on_failed"))

    bench.handle(ends, hooks=[Hooks(on_failed=enqueue)])
    bench.client.enqueue(TASK, Task(text="on_failed"))

    bench.drain()

    assert bench.events().count("job.failed") == TASK.max_depth + 1
    assert [trouble.event for trouble in bench.telemetry.troubles] == ["hook_failed"]
