"""What is written about each transition: who, which attempt, how long, why."""

from datetime import timedelta

import pytest

from tests.unit.execution.bench import Bench, Done, Task


def lines(bench: Bench, event: str) -> list[dict[str, object]]:
    return [dict(line) for line in bench.telemetry.transitions if line["event"] == event]


def test_one_line_tells_all_of_a_completed_job_and_nothing_of_its_payload(bench: Bench) -> None:
    bench.handle(lambda payload: Done(text=f"result {payload.text}"))
    job = bench.client.enqueue(
        bench.job_type,
        Task(text="hunter2"),
        correlation_id="request-1",
        tenant="acme",
        traceparent=f"00-{'1' * 32}-{'2' * 16}-01",
    )

    bench.deliver()

    (line,) = lines(bench, "job.completed")
    assert line == {
        "event": "job.completed",
        "job_id": job.id,
        "job_type": "task",
        "queue": "workerless-test-task",
        "state": "completed",
        "attempt": 1,
        "max_attempts": 3,
        "correlation_id": "request-1",
        "tenant": "acme",
        "trace_id": "1" * 32,
        "xray_trace_id": None,
        "duration_ms": 0.0,
    }
    assert "hunter2" not in str(bench.telemetry.transitions)


def test_wait_is_counted_from_when_the_job_was_due(bench: Bench) -> None:
    bench.handle(lambda payload: Done(text=payload.text))
    bench.client.enqueue(bench.job_type, Task(), delay=timedelta(seconds=30))
    bench.clock.advance(timedelta(seconds=45))

    bench.deliver()

    assert [line["wait_ms"] for line in lines(bench, "job.started")] == [15_000.0]


@pytest.mark.parametrize("attempt", [1, 3])
def test_failed_attempts_say_what_was_raised(bench: Bench, attempt: int) -> None:
    def raises(_payload: Task) -> Done:
        raise ConnectionError("with hunter2 in it")

    bench.handle(raises)
    bench.client.enqueue(bench.job_type, Task())

    bench.drain()

    event = "job.retried" if attempt < 3 else "job.failed"
    line = next(line for line in lines(bench, event) if line["attempt"] == attempt)
    assert line["error_type"] == "ConnectionError"
    assert line.get("reason") == ("attempts_exhausted" if attempt == 3 else None)
    assert "hunter2" not in str(line)
