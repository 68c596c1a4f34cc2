"""What is sent again for a job stays in its trace, for AWS too."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.unit.execution.bench import Bench, Task
from tests.unit.execution.test_letter_sweep import blow_fuse
from tests.unit.execution.test_untracked import OFF
from workerless import Snooze
from workerless.execution.context import JobContext

TRACE = f"00-{'1' * 32}-{'2' * 16}-01"
HEADER = f"Root=1-11111111-{'1' * 24};Parent={'2' * 16};Sampled=1"


def headers(bench: Bench) -> list[str | None]:
    records = bench.queue.deliver(bench.address.queue)
    return [one["attributes"].get("AWSTraceHeader") for one in records]


def test_message_that_replaces_a_worn_one_has_its_trace(make_bench: Callable[..., Bench]) -> None:
    def waits_for_ever(_payload: Task, job: JobContext) -> None:
        raise Snooze(timedelta(hours=11))

    bench = make_bench(job_type=OFF)
    bench.handle(waits_for_ever)
    bench.client.enqueue(OFF, Task(), traceparent=TRACE)
    first = bench.queue.messages(bench.address.queue)

    for _ in range(20):
        bench.deliver()
        if bench.queue.messages(bench.address.queue) != first:
            break
        bench.clock.advance(timedelta(hours=11))

    bench.clock.advance(timedelta(minutes=15))
    assert bench.queue.messages(bench.address.queue) != first
    assert headers(bench) == [HEADER]


def test_letter_that_goes_back_has_its_trace() -> None:
    bench = Bench()
    bench.client.enqueue(bench.job_type, Task(), traceparent=TRACE)
    blow_fuse(bench)

    bench.sweep_letters()

    bench.clock.advance(timedelta(minutes=1))
    assert headers(bench) == [HEADER]


@pytest.mark.parametrize("told", ["deferred", "duplicate"])
def test_line_of_a_delivery_that_runs_nothing_tells_the_trace(bench: Bench, told: str) -> None:
    bench.handle(lambda _payload: None)
    bench.client.enqueue(bench.job_type, Task(), traceparent=TRACE)
    (message,) = bench.queue.messages(bench.address.queue)
    if told == "duplicate":
        bench.deliver()
        bench.queue.send_many(bench.address.queue, [message])
        bench.deliver()
    else:
        bench.deliver(time_left=timedelta(seconds=1))

    (line,) = [one for one in bench.telemetry.transitions if one["event"] == f"job.{told}"]

    assert line["trace_id"] == "1" * 32
