"""Errors of a team's own code that are worse than an exception: none leaves the worker."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import field_validator

from tests.unit.execution.bench import Bench, Done, Task
from workerless import Discard, Fail, Hooks, JobType, Payload, RetryAfter, Snooze, State
from workerless.execution.context import JobContext
from workerless.signals import JobCancelled


def _raiser(error: BaseException) -> Callable[..., Any]:
    def hook(*_: object) -> None:
        raise error

    return hook


@pytest.mark.parametrize("shape", ["sync", "async"])
@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit()])
@pytest.mark.parametrize("moment", ["on_start", "on_success", "on_retry", "on_failed"])
def test_hook_that_wants_to_end_the_process_is_logged_like_any_other(
    bench: Bench, moment: str, error: BaseException, shape: str
) -> None:
    def perform(payload: Task) -> Done:
        if payload.text == "retry":
            raise ValueError
        if payload.text == "fail":
            raise Fail("no")
        return Done(text=payload.text)

    async def perform_async(payload: Task) -> Done:
        return perform(payload)

    hooks = Hooks(**{moment: _raiser(error)})
    bench.handle(perform if shape == "sync" else perform_async, hooks=[hooks])
    jobs = bench.client.enqueue_many(
        bench.job_type, [Task(text=text) for text in ("good", "retry", "fail")]
    )

    bench.deliver()

    states = [job.status().state for job in jobs]
    assert states == [State.COMPLETED, State.RETRYING, State.FAILED]
    assert {trouble.event for trouble in bench.telemetry.troubles} == {"hook_failed"}


class Deadly(Payload):
    """A payload whose own validator wants to end the process."""

    text: str = ""

    @field_validator("text")
    @classmethod
    def _check(cls, value: str) -> str:
        if value == "bad":
            raise SystemExit(1)
        return value


@pytest.mark.parametrize("shape", ["sync", "async"])
def test_payload_model_that_wants_to_end_the_process_fails_only_its_job(
    make_bench: Callable[..., Bench], shape: str
) -> None:
    bench = make_bench(job_type=JobType(name="task", payload=Deadly, result=Done, batch_size=10))

    def perform(payload: Deadly) -> Done:
        return Done(text=payload.text)

    async def perform_async(payload: Deadly) -> Done:
        return Done(text=payload.text)

    bench.handle(perform if shape == "sync" else perform_async)
    bench.send('{"text": "bad"}')
    bench.send('{"text": "good"}')

    assert bench.deliver() == []

    assert sorted(bench.events()) == ["job.completed", "job.failed", "job.started"]
    (letter,) = bench.dead_letters()
    assert letter.attributes["reason"] == "invalid_payload"


@pytest.mark.parametrize("signal", [Snooze, RetryAfter, Discard, Fail, JobCancelled])
@pytest.mark.parametrize("shape", ["sync", "async"])
def test_signal_of_a_careless_subclass_is_a_failed_attempt(
    bench: Bench, signal: type[BaseException], shape: str
) -> None:
    class Careless(signal):  # type: ignore[valid-type, misc]
        def __init__(self) -> None:  # forgets what its parent sets
            BaseException.__init__(self, "later")

    def perform(payload: Task) -> Done:
        if payload.text == "bad":
            raise Careless
        return Done(text=payload.text)

    async def perform_async(payload: Task) -> Done:
        return perform(payload)

    bench.handle(perform if shape == "sync" else perform_async)
    jobs = bench.client.enqueue_many(bench.job_type, [Task(text="bad"), Task(text="good")])

    bench.deliver()

    assert jobs[0].status().state in {State.RETRYING, State.FAILED}
    assert jobs[1].status().state is State.COMPLETED


def test_reason_that_is_no_text_ends_its_job_alone(bench: Bench) -> None:
    def perform(payload: Task) -> Done:
        if payload.text == "gone":
            raise JobCancelled(404)  # type: ignore[arg-type]
        return Done(text=payload.text)

    bench.handle(perform)
    jobs = bench.client.enqueue_many(bench.job_type, [Task(text="gone"), Task(text="good")])

    assert bench.deliver() == []

    assert [job.status().state for job in jobs] == [State.CANCELLED, State.COMPLETED]
    assert jobs[0].status().failed_reason == "404"


def test_endless_reason_of_a_discard_is_cut_for_the_record_and_not_logged(bench: Bench) -> None:
    def perform(_payload: Task) -> Done:
        raise Discard("no " * 100_000)

    bench.handle(perform)
    job = bench.client.enqueue(bench.job_type, Task())

    assert bench.deliver() == []

    status = job.status()
    assert (status.state, len(status.failed_reason or "")) == (State.DISCARDED, 500)
    assert "reason" not in bench.telemetry.transitions[-1]


def test_progress_that_no_store_could_keep_is_refused_where_it_is_told(bench: Bench) -> None:
    refused: list[str] = []

    def perform(payload: Task, job: JobContext) -> Done:
        try:
            job.progress(Decimal(50))  # type: ignore[arg-type]
        except ValueError as error:
            refused.append(str(error))
        return Done(text=payload.text)

    bench.handle(perform)
    job = bench.client.enqueue(bench.job_type, Task())

    bench.deliver()

    assert len(refused) == 1
    assert job.status().state is State.COMPLETED
