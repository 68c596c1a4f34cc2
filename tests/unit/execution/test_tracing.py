"""What a worker's spans say: what became of the job, and not a word of its payload."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from opentelemetry.trace import SpanKind, StatusCode, get_tracer

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.test_faults import Wrapped, down, take_over
from tests.unit.exported import Exported, above, told
from workerless import Discard, Fail, Fixed, JobType, RetryAfter, Snooze
from workerless.execution.context import JobContext
from workerless.otel import traced
from workerless.redrive import Redrive
from workerless.signals import LeaseLost
from workerless.testing.memory import InMemoryStore

TRACE = f"00-{'1' * 32}-{'2' * 16}-01"
CANARY = "hunter2"
SECOND = timedelta(seconds=1)


@pytest.fixture
def exported() -> Exported:
    return Exported()


def wrong(error: str, **more: Any) -> tuple[StatusCode, dict[str, Any]]:
    return StatusCode.ERROR, {"error.type": error, **more}


FINE: tuple[StatusCode, dict[str, Any]] = StatusCode.UNSET, {}


ENDS = [
    (Done(text=CANARY), "completed", (StatusCode.OK, {})),
    (ValueError(CANARY), "retried", wrong("ValueError")),
    (RetryAfter(SECOND), "retried", wrong("RetryAfter")),
    (
        Fail(CANARY),
        "failed",
        wrong("Fail", **{"job.reason": "rejected", "job.dead_letter": True}),
    ),
    (
        CANARY,
        "failed",
        wrong("TypeError", **{"job.reason": "invalid_result", "job.dead_letter": True}),
    ),
    (Snooze(SECOND), "snoozed", FINE),
    (Discard(CANARY), "discarded", FINE),
    (LeaseLost(), "fenced", FINE),
]


def says(end: object) -> Callable[[Task], Any]:
    def perform(task: Task) -> object:
        if isinstance(end, BaseException):
            raise end
        return end

    return perform


@pytest.mark.parametrize(("end", "outcome", "expected"), ENDS, ids=lambda one: str(one)[:20])
def test_span_says_what_became_of_its_job(
    bench: Bench,
    exported: Exported,
    end: object,
    outcome: str,
    expected: tuple[StatusCode, dict[str, Any]],
) -> None:
    bench.handle(traced(says(end), provider=exported.provider))
    job = bench.client.enqueue(TASK, Task(text=CANARY), traceparent=TRACE, tenant="acme")

    bench.deliver()

    (span,) = exported.all()
    status, more = expected
    assert (span.name, span.status.status_code) == ("process task", status)
    facts = told(span)
    assert ("job.delay_ms" in facts) is (outcome in {"retried", "snoozed"})
    facts.pop("job.delay_ms", None)  # random
    assert facts == {
        "messaging.system": "aws_sqs",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": "task",
        "messaging.message.id": job.id,
        "messaging.message.conversation_id": job.id,
        "job.id": job.id,
        "job.name": "task",
        "job.attempts": 1,
        "job.tenant": "acme",
        "job.outcome": outcome,
        **more,
    }
    assert span.events == ()
    assert CANARY not in span.to_json()
    assert bench.events()[-1] == f"job.{outcome}"


def test_last_attempt_is_a_failure_that_left_a_dead_letter(
    bench: Bench, exported: Exported
) -> None:
    bench.handle(traced(says(ValueError(CANARY)), provider=exported.provider))
    bench.client.enqueue(TASK, Task())

    bench.drain()

    spans = [told(one) for one in exported.named("process task")]
    assert [(one["job.attempts"], one["job.outcome"]) for one in spans] == [
        (1, "retried"),
        (2, "retried"),
        (3, "failed"),
    ]
    assert ["job.dead_letter" in one for one in spans] == [False, False, True]


def test_job_that_another_attempt_owns_is_fenced_whatever_its_handler_returned(
    bench: Bench, exported: Exported
) -> None:
    def oversleeps(task: Task, job: JobContext) -> Done:
        bench.clock.advance(timedelta(minutes=10))
        take_over(bench, job.job_id)
        return Done(text="too late")

    bench.handle(traced(oversleeps, provider=exported.provider))
    bench.client.enqueue(TASK, Task())

    bench.deliver()

    span = exported.one("process task")
    assert (told(span)["job.outcome"], span.status.status_code) == ("fenced", StatusCode.UNSET)


def test_job_whose_record_was_not_written_is_unknown_then_refused_then_done(
    bench: Bench, exported: Exported
) -> None:
    bench.handle(traced(says(Done(text="")), provider=exported.provider))
    bench.client.enqueue(TASK, Task())

    bench.deliver(store=Wrapped(bench.store, finish_many=down))
    bench.drain()

    first, *others, last = exported.all()
    assert (told(first)["job.outcome"], told(first)["error.type"]) == (
        "unknown",
        "store_unavailable",
    )
    assert {(one.name, told(one)["job.outcome"]) for one in others} == {("settle task", "deferred")}
    assert (last.name, told(last)["job.outcome"], told(last)["job.attempts"]) == (
        "process task",
        "completed",
        2,
    )


def test_look_that_does_not_come_to_the_handler_is_a_span_below_the_same_producer(
    bench: Bench, exported: Exported
) -> None:
    bench.handle(traced(says(Done(text="")), provider=exported.provider))
    job = bench.client.enqueue(TASK, Task(text=CANARY), traceparent=TRACE)

    bench.deliver(store=Wrapped(bench.store, claim_many=down))

    span = exported.one("settle task")
    assert span.kind is SpanKind.CLIENT
    assert above(span) == int("2" * 16, 16)
    assert [one.context.span_id for one in span.links] == [int("2" * 16, 16)]
    facts = told(span)
    assert facts.pop("job.delay_ms") > 0
    assert facts == {
        "messaging.system": "aws_sqs",
        "messaging.operation.type": "settle",
        "messaging.operation.name": "settle",
        "messaging.destination.name": "task",
        "messaging.message.id": job.id,
        "messaging.message.conversation_id": job.id,
        "job.id": job.id,
        "job.name": "task",
        "job.outcome": "deferred",
        "job.reason": "store_unavailable",
    }
    assert CANARY not in span.to_json()


def test_message_that_nobody_can_read_leaves_a_span_of_its_dead_letter(
    bench: Bench, exported: Exported
) -> None:
    bench.handle(traced(says(Done(text="")), provider=exported.provider))
    bench.send(f'{{"text": "{CANARY}')

    bench.drain()

    (span,) = exported.all()
    assert span.name == "settle task"
    assert (told(span)["job.reason"], told(span)["job.dead_letter"]) == ("not_json", True)
    assert span.status.status_code is StatusCode.ERROR
    assert CANARY not in span.to_json()


def test_redriven_job_stays_below_what_enqueued_it_and_says_how_often(
    bench: Bench, exported: Exported
) -> None:
    """Sent again by the sweeper, as every redrive is whose own message was lost."""
    bench.handle(traced(says(Fail("no")), provider=exported.provider))
    job = bench.client.enqueue(TASK, Task(), traceparent=TRACE)
    bench.drain()
    store, now = bench.store, bench.clock.now()
    assert isinstance(store, InMemoryStore)

    store.redrive_many([Redrive(seen=bench.record(job.id), by="ada", at=now, run_at=now)])
    bench.drain()

    spans = exported.named("process task")
    assert [told(one).get("job.redrives") for one in spans] == [None, 1]
    assert [above(one) for one in spans] == [int("2" * 16, 16)] * 2
    assert [len(one.links) for one in spans] == [1, 1]


def test_span_that_is_current_around_a_worker_is_linked(bench: Bench, exported: Exported) -> None:
    """Such as a layer's, of the invocation."""
    bench.handle(traced(says(Done(text="")), provider=exported.provider))
    bench.client.enqueue(TASK, Task(), traceparent=TRACE)
    tracer = get_tracer("a layer", tracer_provider=exported.provider)

    with tracer.start_as_current_span("invocation") as around:
        bench.deliver()

    span = exported.one("process task")
    assert [one.context.span_id for one in span.links] == [
        int("2" * 16, 16),
        around.get_span_context().span_id,
    ]


def test_attempt_that_died_is_told_by_the_look_that_finds_it(
    make_bench: Callable[..., Bench], exported: Exported
) -> None:
    once: JobType[Task, None] = JobType(name="task", payload=Task, retry=Fixed(attempts=1))
    bench = make_bench(job_type=once)
    bench.handle(traced(says(None), provider=exported.provider))
    job = bench.client.enqueue(once, Task())
    take_over(bench, job.id)

    bench.clock.advance(timedelta(minutes=10))
    bench.drain()

    span = exported.one("settle task")
    assert span.status.status_code is StatusCode.ERROR
    facts = told(span)
    assert (facts["error.type"], facts["job.reason"]) == ("Crash", "crash_loop")
    assert facts["job.dead_letter"] is True
