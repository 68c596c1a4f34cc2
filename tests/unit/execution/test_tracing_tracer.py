"""A handler with a tracer: what it stays, and what a tracer can do to it."""

import functools
import time
from collections.abc import Sequence
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.test_faults import Wrapped, down
from tests.unit.exported import Exported, told
from workerless import State
from workerless.otel import traced
from workerless.transition import Finish

CANARY = "hunter2"


@pytest.fixture
def exported() -> Exported:
    return Exported()


def echo(task: Task) -> Done:
    return Done(text=task.text)


class Broken(SpanProcessor):
    """A program's own, which fails whenever it is told."""

    def on_start(self, *_: object, **__: object) -> None:
        raise RuntimeError(CANARY)

    def on_end(self, span: ReadableSpan) -> None:
        raise RuntimeError(CANARY)


def test_tracer_that_fails_changes_nothing_of_its_job(bench: Bench) -> None:
    provider = TracerProvider()
    provider.add_span_processor(Broken())
    bench.handle(traced(echo, provider=provider))
    job = bench.client.enqueue(TASK, Task())

    bench.deliver(store=Wrapped(bench.store, claim_many=down))
    bench.drain()

    assert (job.status().state, job.status().attempt) == (State.COMPLETED, 1)
    told_of = [(one.event, one.fields.get("hook")) for one in bench.telemetry.troubles]
    assert ("hook_failed", "tracing") in told_of
    assert CANARY not in str(bench.telemetry.troubles)


def test_handler_with_a_tracer_is_the_handler_it_was(bench: Bench, exported: Exported) -> None:
    handler = traced(echo, provider=exported.provider)

    @functools.wraps(handler)
    def decorated(task: Task) -> Any:
        return handler(task)

    bench.handle(decorated)
    bench.client.enqueue(TASK, Task())
    bench.deliver()

    assert handler(Task(text="by hand")) == Done(text="by hand")
    assert not hasattr(echo, "workerless_tracing")
    assert told(exported.one("process task"))["job.outcome"] == "completed"


def test_span_ends_with_its_handler_not_when_its_record_was_written(
    bench: Bench, exported: Exported
) -> None:
    written: list[int] = []

    def finish_many(finishes: Sequence[Finish]) -> list[bool]:
        written.append(time.time_ns())
        return bench.store.finish_many(finishes)

    bench.handle(traced(echo, provider=exported.provider))
    bench.client.enqueue(TASK, Task())

    bench.deliver(store=Wrapped(bench.store, finish_many=finish_many))

    span = exported.one("process task")
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.start_time <= span.end_time <= written[0]
