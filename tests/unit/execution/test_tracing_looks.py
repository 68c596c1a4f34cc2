"""Spans of looks at a job that do not come to its handler, and of jobs that came bare."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from opentelemetry.trace import StatusCode

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.test_faults import take_over
from tests.unit.exported import Exported, told
from workerless import Fail, JobType, OnUnknownOutcome
from workerless.otel import traced


@pytest.fixture
def exported() -> Exported:
    return Exported()


def echo(task: Task) -> Done:
    return Done(text=task.text)


def test_attempt_that_died_and_waits_for_a_person_is_an_error(
    make_bench: Callable[..., Bench], exported: Exported
) -> None:
    held = replace(TASK, batch_size=1, on_unknown_outcome=OnUnknownOutcome.HOLD)
    bench = make_bench(job_type=held)
    bench.handle(traced(echo, provider=exported.provider))
    job = bench.client.enqueue(held, Task())
    take_over(bench, job.id)

    bench.clock.advance(timedelta(minutes=10))
    bench.drain()

    span = exported.one("settle task")
    facts = told(span)
    assert (facts["job.outcome"], facts["job.reason"]) == ("held", "unknown_outcome")
    assert (span.status.status_code, facts["error.type"]) == (StatusCode.ERROR, "Crash")
    assert "job.dead_letter" not in facts


def test_job_whose_id_is_anothers_is_lost_to_the_dead_letters(
    bench: Bench, exported: Exported
) -> None:
    bench.handle(traced(echo, provider=exported.provider))
    event = (
        '{"specversion": "1.0", "id": "a", "source": "s", "type": "task", "data": {"text": "%s"}}'
    )

    for text in ("first", "second"):
        bench.send(event % text)
    bench.drain()

    span = exported.one("settle task")
    facts = told(span)
    assert (facts["job.outcome"], facts["job.dead_letter"]) == ("lost", True)
    assert (span.status.status_code, facts["error.type"]) == (StatusCode.ERROR, "id_taken")


def test_message_that_comes_twice_is_a_duplicate_and_no_error(
    bench: Bench, exported: Exported
) -> None:
    bench.handle(traced(echo, provider=exported.provider))
    bench.client.enqueue(TASK, Task())
    (message,) = bench.queue.messages(bench.address.queue)
    bench.send(message.body)

    bench.drain(limit=1)

    span = exported.one("settle task")
    assert told(span)["job.outcome"] == "duplicate"
    assert span.status.status_code is StatusCode.UNSET


def test_job_type_without_dead_letters_leaves_none(
    make_bench: Callable[..., Bench], exported: Exported
) -> None:
    job_type: JobType[Task, Done] = replace(TASK, dead_letter=False)
    bench = make_bench(job_type=job_type)

    def fail(task: Task) -> Done:
        raise Fail("no")

    bench.handle(traced(fail, provider=exported.provider))
    bench.client.enqueue(job_type, Task())

    bench.drain()

    facts = told(exported.one("process task"))
    assert facts["job.outcome"] == "failed"
    assert "job.dead_letter" not in facts


def test_job_that_came_bare_belongs_to_itself(bench: Bench, exported: Exported) -> None:
    bench.handle(traced(echo, provider=exported.provider))
    bench.send('{"text": "bare"}')

    bench.drain()

    span = exported.one("process task")
    facts = told(span)
    assert facts["messaging.message.conversation_id"] == facts["job.id"]
    assert (span.parent, span.links) == (None, ())
