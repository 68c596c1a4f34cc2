"""Spans: one a job, below who enqueued it, from the request to the last child."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import NoOpTracerProvider, SpanKind, StatusCode

from tests.unit.exported import Exported, above
from workerless import Fixed, JobType, Payload, RateLimit, chain, correlated
from workerless.chunks import chunk_worker
from workerless.errors import EnqueueRefusedError
from workerless.execution.context import JobContext
from workerless.otel import TracedClient, connect, traced
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

TRACE = f"00-{'1' * 32}-{'2' * 16}-01"
CANARY = "hunter2"


class Text(Payload):
    """Some text."""

    text: str = ""


parent = JobType(
    name="parent", payload=Text, retry=Fixed(attempts=2), children=("child",), batch_size=5
)
child = JobType(name="child", payload=Text, retry=Fixed(attempts=1), batch_size=5)


limited = JobType(
    name="limited", payload=Text, rate_limits=(RateLimit(1, per=timedelta(minutes=1)),)
)


class Traces:
    """A stage, a client with spans, and the spans that have ended."""

    def __init__(self, stage: InMemoryStage) -> None:
        self.exported = Exported()
        self.provider = self.exported.provider
        self.stage, doubles = stage, stage.doubles
        self.client = TracedClient(
            store=doubles.store,
            unique=doubles.unique,
            queue=doubles.queue,
            blobs=doubles.blobs,
            directory=doubles.directory,
            clock=doubles.clock,
            orchestra=doubles.orchestra,
        )
        self.client.provider = self.provider

    def use(self, job_type: JobType[Any, Any], perform: Any) -> None:
        self.stage.use(worker(job_type)(traced(perform, provider=self.provider)))

    def named(self, name: str) -> list[ReadableSpan]:
        return self.exported.named(name)

    def one(self, name: str) -> ReadableSpan:
        return self.exported.one(name)


@pytest.fixture
def traces() -> Iterator[Traces]:
    @worker(child)
    def nothing(payload: Text) -> None: ...

    with InMemoryStage(nothing, parent) as stage:
        yield Traces(stage)


def test_one_trace_from_the_request_to_the_last_child(traces: Traces) -> None:
    def perform(payload: Text) -> None:
        traces.client.enqueue(child, Text())

    traces.use(parent, perform)
    traces.use(child, lambda payload: None)

    job = traces.client.enqueue(parent, Text(), traceparent=TRACE, correlation_id="order-7")
    traces.stage.run_all()

    way = [
        traces.one(name)
        for name in ("send parent", "process parent", "send child", "process child")
    ]
    assert {one.context.trace_id for one in way if one.context} == {int("1" * 32, 16)}
    assert [above(one) for one in way] == [
        int("2" * 16, 16),
        *(one.context.span_id for one in way[:-1] if one.context),
    ]
    sent, done = way[:2]
    assert (sent.kind, done.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    assert [one.context.span_id for one in done.links] == [above(done)]
    assert done.status.status_code is StatusCode.OK
    assert dict(done.attributes or {}) == {
        "messaging.system": "aws_sqs",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": "parent",
        "messaging.message.id": job.id,
        "messaging.message.conversation_id": "order-7",
        "job.id": job.id,
        "job.name": "parent",
        "job.attempts": 1,
        "job.outcome": "completed",
    }
    assert (sent.attributes or {})["job.id"] == job.id


def test_each_job_of_a_batch_has_a_span_of_its_own_trace(traces: Traces) -> None:
    traces.use(child, lambda payload: None)

    for number in range(5):
        traces.client.enqueue(child, Text(), traceparent=f"00-{number + 1:032x}-{7:016x}-01")
    traces.stage.run_all()

    spans = traces.named("process child")
    assert {one.context.trace_id for one in spans if one.context} == {1, 2, 3, 4, 5}
    assert len({(one.attributes or {})["job.id"] for one in spans}) == 5


def test_each_attempt_has_a_span_and_no_text_of_its_error(traces: Traces) -> None:
    def perform(payload: Text, job: JobContext) -> None:
        raise ValueError(payload.text)

    traces.use(parent, perform)
    traces.client.enqueue(parent, Text(text=CANARY))
    traces.stage.run_all()

    spans = traces.named("process parent")
    assert [(one.attributes or {})["job.attempts"] for one in spans] == [1, 2]
    assert {(one.attributes or {})["error.type"] for one in spans} == {"ValueError"}
    assert {one.status.status_code for one in spans} == {StatusCode.ERROR}
    assert not any(CANARY in one.to_json() for one in spans)


def test_job_that_a_gate_holds_back_has_a_span_and_its_start_another(traces: Traces) -> None:
    traces.use(limited, lambda payload: None)

    for number in range(2):
        traces.client.enqueue(limited, Text(text=str(number)), traceparent=TRACE)
    traces.stage.run_all()

    assert len(traces.named("process limited")) == 2
    held = traces.named("settle limited")
    facts = [one.attributes or {} for one in held]
    assert {one["job.outcome"] for one in facts} == {"waiting"}
    assert {one["job.reason"] for one in facts} == {"rate_limit"}
    assert {one.kind for one in held} == {SpanKind.CLIENT}
    assert {one.status.status_code for one in held} == {StatusCode.UNSET}
    assert {above(one) for one in held} < {
        one.context.span_id for one in traces.named("send limited") if one.context
    }


def test_coroutines_that_run_at_once_have_spans_of_their_own(traces: Traces) -> None:
    async def perform(payload: Text, job: JobContext) -> None:
        await asyncio.sleep(0)
        traces.client.enqueue(child, Text(text=payload.text))

    traces.use(parent, perform)
    for number in range(3):
        traces.client.enqueue(parent, Text(text=str(number)))
    traces.stage.run_all()

    parents = {one.context.span_id for one in traces.named("process parent") if one.context}
    assert len(parents) == 3
    assert {above(one) for one in traces.named("send child")} == parents


def test_span_of_a_chunk_links_to_whoever_enqueued_its_jobs(traces: Traces) -> None:
    def perform(payloads: Sequence[Text]) -> None: ...

    traces.stage.use(chunk_worker(parent)(traced(perform, provider=traces.provider)))
    for number in range(3):
        traces.client.enqueue(parent, Text(), traceparent=f"00-{number + 1:032x}-{7:016x}-01")
    traces.stage.run_all()

    span = traces.one("process parent")
    assert {one.context.trace_id for one in span.links} == {1, 2, 3}
    assert (span.parent, (span.attributes or {})["messaging.batch.message_count"]) == (None, 3)


def test_workflow_and_many_have_one_span_above_all_their_jobs(traces: Traces) -> None:
    traces.use(child, lambda payload: None)

    run = traces.client.start(chain(child.with_(), child.with_(text="2")))
    traces.client.enqueue_many(child, [Text(), Text()])
    traces.client.enqueue_json("child", {})
    traces.stage.run_all()

    workflow = traces.one("send workflow")
    many, one = traces.named("send child")
    assert (workflow.attributes or {})["workflow.id"] == run.id
    assert (many.attributes or {})["messaging.batch.message_count"] == 2
    counts = [above(done) for done in traces.named("process child")]
    assert sorted(counts) == sorted(
        [span.context.span_id for span in (workflow, workflow, many, many, one) if span.context]
    )


def test_what_is_refused_is_an_error_and_goes_on(traces: Traces) -> None:
    with pytest.raises(EnqueueRefusedError):
        traces.client.enqueue(child, Text(), attempts=7)

    span = traces.one("send child")
    assert (span.attributes or {})["error.type"] == "EnqueueRefusedError"
    assert span.status.status_code is StatusCode.ERROR
    assert span.events == ()


def test_payload_that_does_not_fit_is_refused_without_a_word_of_it(traces: Traces) -> None:
    with pytest.raises(EnqueueRefusedError):
        traces.client.enqueue(child, Text(text=f"{CANARY}\ud800"))

    span = traces.one("send child")
    assert span.status.status_code is StatusCode.ERROR
    assert CANARY not in span.to_json()


def test_trace_of_the_request_is_above_and_what_is_no_trace_is_not(traces: Traces) -> None:
    with correlated("order-7", traceparent=TRACE):
        traces.client.enqueue(child, Text())
    traces.client.enqueue(child, Text(text="2"), traceparent="t")

    first, second = traces.named("send child")
    assert above(first) == int("2" * 16, 16)
    assert second.parent is None
    told = [json.loads(one.body)["traceparent"] for one in traces.stage.doubles.store.records()]
    assert "t" not in told


@pytest.mark.parametrize("has_tracer", [True, False])
def test_trace_that_a_call_is_told_counts_more_than_its_jobs(
    traces: Traces, *, has_tracer: bool
) -> None:
    """With the SDK and without, where spans are not real and stand for what is above them."""
    told = f"00-{'8' * 32}-{'9' * 16}-01"
    if not has_tracer:
        traces.client.provider = NoOpTracerProvider()

    def perform(payload: Text) -> None:
        traces.client.enqueue(child, Text(), traceparent=told)

    traces.use(parent, perform)
    job = traces.client.enqueue(parent, Text(), traceparent=TRACE)
    traces.stage.run_all()

    bodies = [one.body for one in traces.stage.doubles.store.records() if one.job_id != job.id]
    (traceparent,) = [json.loads(body)["traceparent"] for body in bodies]
    assert traceparent.split("-")[1] == "8" * 32


def test_connect_is_that_of_the_test_in_a_test(traces: Traces) -> None:
    with traces.stage.connected():
        assert connect("prod") is traces.stage.client
