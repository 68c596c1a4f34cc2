"""What the span of a chunk says: what its jobs have in common."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from opentelemetry.trace import StatusCode, get_tracer

from tests.unit.execution.bench import Bench, Task
from tests.unit.exported import Exported, above, told
from workerless import Fail, Fixed, JobType, Snooze
from workerless.chunks import chunk_worker
from workerless.otel import traced

CANARY = "hunter2"
SECOND = timedelta(seconds=1)


@pytest.fixture
def exported() -> Exported:
    return Exported()


INDEX: JobType[Task, None] = JobType(
    name="index", payload=Task, retry=Fixed(attempts=2, delay=SECOND), batch_size=10
)


def by_text(payloads: Sequence[Task]) -> list[BaseException | None]:
    ends = {"bad": Fail(CANARY), "later": Snooze(SECOND), "again": ValueError(CANARY)}
    return [ends.get(one.text) for one in payloads]


@pytest.mark.parametrize(
    ("texts", "status", "expected"),
    [
        (["", ""], StatusCode.OK, {"job.outcome": "completed"}),
        (["", "later"], StatusCode.UNSET, {}),
        (["", "bad", "later"], StatusCode.ERROR, {"error.type": "Fail"}),
        (["bad", "again"], StatusCode.ERROR, {"error.type": "_OTHER"}),
    ],
)
def test_span_of_a_chunk_says_what_its_jobs_have_in_common(
    make_bench: Callable[..., Bench],
    exported: Exported,
    texts: list[str],
    status: StatusCode,
    expected: dict[str, Any],
) -> None:
    bench = make_bench(job_type=INDEX)
    bench.worker = chunk_worker(INDEX)(traced(by_text, provider=exported.provider))
    jobs = [bench.client.enqueue(INDEX, Task(text=text)) for text in texts]

    bench.deliver()

    (span,) = exported.all()
    assert span.status.status_code is status
    facts = {name: value for name, value in told(span).items() if "messaging." not in name}
    assert facts == {"job.name": "index", **expected}
    events = [(one.name, (one.attributes or {})["job.id"]) for one in span.events]
    outcomes = {"bad": "job.failed", "later": "job.snoozed", "again": "job.retried"}
    assert events == [
        (outcomes[text], job.id) for text, job in zip(texts, jobs, strict=True) if text
    ]
    assert CANARY not in span.to_json()


def test_span_is_current_in_a_chunk_of_a_coroutine(
    make_bench: Callable[..., Bench], exported: Exported
) -> None:
    tracer = get_tracer("a team's own", tracer_provider=exported.provider)

    async def perform(payloads: Sequence[Task]) -> None:
        await asyncio.sleep(0)
        tracer.start_span("inside").end()

    bench = make_bench(job_type=INDEX)
    bench.worker = chunk_worker(INDEX)(traced(perform, provider=exported.provider))
    bench.client.enqueue_many(INDEX, [Task(), Task(text="2")])

    bench.deliver()

    context = exported.one("process index").context
    assert context is not None
    assert above(exported.one("inside")) == context.span_id
