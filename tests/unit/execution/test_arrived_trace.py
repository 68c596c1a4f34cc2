"""The trace of a job that another program sent: its message's, AWS' own, or none."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.execution.bench import Bench, Done, Task
from workerless import Fail
from workerless.execution.context import JobContext
from workerless.ports import Outgoing
from workerless.redrive import Redrive

TRACE = f"00-{'1' * 32}-{'2' * 16}-01"
NONE = [
    "x" * 256,
    f"00-{'0' * 32}-{'2' * 16}-01",
    f"00-{'1' * 32}-{'0' * 16}-01",
    f"ff-{'1' * 32}-{'2' * 16}-01",
    f"00-{'A' * 32}-{'2' * 16}-01",
    f"{TRACE}-more",
    "é" * 55,
]


def seen(bench: Bench) -> list[str | None]:
    """The traces that its handler is given from now on."""
    traces: list[str | None] = []

    def perform(payload: Task, job: JobContext) -> Done:
        traces.append(job.traceparent)
        if payload.text == "parent":
            bench.client.enqueue(bench.job_type, Task())
        if payload.text == "bad":
            raise Fail("no")
        return Done(text="")

    bench.handle(perform)
    return traces


def sent(bench: Bench, text: str, *, header: str | None = None, **event: Any) -> None:
    body = {"specversion": "1.0", "id": "j-1", "source": "shop", "type": "task"}
    told = json.dumps(body | event | {"data": {"text": text}} if event else {"text": text})
    bench.queue.send_many(bench.address.queue, [Outgoing(body=told, traceparent=header)])


@pytest.mark.parametrize("none", NONE)
@pytest.mark.parametrize("header", [None, TRACE])
def test_what_is_no_trace_context_is_none_and_the_header_counts(
    bench: Bench, none: str, header: str | None
) -> None:
    traces = seen(bench)
    sent(bench, "parent", header=header, traceparent=none)

    bench.deliver()
    bench.deliver()

    assert traces == [header, header]
    lines = {line["trace_id"] for line in bench.telemetry.transitions}
    assert lines == {header and "1" * 32}


@pytest.mark.parametrize("event", [{}, {"correlationid": "order-7"}])
def test_trace_that_only_aws_was_told_of_outlives_its_message(bench: Bench, event: Any) -> None:
    traces = seen(bench)
    sent(bench, "bad", header=TRACE, **event)
    bench.deliver()
    (record,) = bench.store.records()  # type: ignore[attr-defined]

    again = Redrive(seen=record, by="ada", at=bench.clock.now(), run_at=bench.clock.now())
    bench.store.redrive_many([again])  # type: ignore[attr-defined]
    bench.clock.advance(timedelta(hours=1))
    bench.drain()

    assert bench.client.job(record.job_id).status().traceparent == TRACE
    assert traces == [TRACE, TRACE]
    assert bench.record(record.job_id).correlation_id == event.get("correlationid", record.job_id)


def test_message_without_a_trace_is_kept_as_it_came(bench: Bench) -> None:
    seen(bench)
    sent(bench, "bad", header=f"{TRACE[:-1]}0")
    bench.deliver()

    (record,) = bench.store.records()  # type: ignore[attr-defined]
    assert record.body == '{"text": "bad"}'
