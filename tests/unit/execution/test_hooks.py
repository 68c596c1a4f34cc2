"""Hooks are told what happened, and change nothing."""

from typing import Any

from tests.unit.execution.bench import Bench, Done, Task
from workerless import Fail, Hooks, State


def recorder(told: list[str], name: str) -> Hooks:
    return Hooks(
        on_start=lambda job: told.append(f"{name} start {job.attempt}"),
        on_success=lambda job, result: told.append(f"{name} success {result}"),
        on_retry=lambda job, error, delay: told.append(f"{name} retry {error.error_type}"),
        on_failed=lambda job, reason, error: told.append(f"{name} failed {reason}"),
    )


def test_hooks_of_project_and_job_type_are_called_in_order(bench: Bench) -> None:
    told: list[str] = []

    def perform(payload: Task) -> Done:
        if payload.text == "bad":
            raise Fail("no")
        return Done(text=payload.text)

    bench.handle(perform, hooks=[recorder(told, "project"), recorder(told, "own")])
    bench.client.enqueue_many(bench.job_type, [Task(text="good"), Task(text="bad")])

    bench.drain()

    assert told == [
        "project start 1",
        "own start 1",
        "project start 1",
        "own start 1",
        'project success {"text":"good"}',
        'own success {"text":"good"}',
        "project failed rejected",
        "own failed rejected",
    ]


def test_retry_hook_gets_the_error_and_the_wait(bench: Bench) -> None:
    waits: list[tuple[str, float]] = []

    def fails(_payload: Task) -> Done:
        raise ConnectionError("busy")

    def on_retry(_job: Any, error: Any, delay: Any) -> None:
        waits.append((error.message, delay.total_seconds()))

    bench.handle(fails, hooks=[Hooks(on_retry=on_retry)])
    bench.client.enqueue(bench.job_type, Task())

    bench.drain()

    assert [message for message, _ in waits] == ["busy", "busy"]
    assert all(8 <= seconds <= 12 for _, seconds in waits)


def test_hook_that_raises_is_logged_and_the_job_goes_on(bench: Bench) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("hook")

    bench.handle(
        lambda payload: Done(text=payload.text), hooks=[Hooks(on_start=breaks, on_success=breaks)]
    )
    job = bench.client.enqueue(bench.job_type, Task())

    assert bench.deliver() == []

    assert job.status().state is State.COMPLETED
    assert [trouble.event for trouble in bench.telemetry.troubles] == ["hook_failed"] * 2
