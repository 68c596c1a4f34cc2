"""PowertoolsTelemetry: one JSON line an event, whatever a job says."""

import asyncio
import io
import json
import resource
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from workerless.aws.telemetry import PowertoolsTelemetry

type Fields = dict[str, str | int | float | None]
type Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    def read() -> list[dict[str, Any]]:
        captured = capsys.readouterr()
        assert captured.err == ""
        assert captured.out.isascii()
        return [json.loads(line) for line in captured.out.splitlines()]

    return read


def test_transition_is_one_line(lines: Lines) -> None:
    telemetry = _telemetry()
    telemetry.transition({"event": "job.completed", "job_id": "job-1", "tenant": None, "ms": 1.5})

    (line,) = lines()
    assert (line["message"], line["level"], line["job_id"]) == ("job.completed", "INFO", "job-1")
    assert line["ms"] == 1.5
    assert "tenant" not in line


def test_transition_looks_as_other_lines_do(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3f;Parent=53995c3f;Sampled=1")
    telemetry = _telemetry()
    telemetry.transition({"event": "job.duplicate", "job_id": "\u2028\n"})
    telemetry.logger(job_id="\u2028\n").info("job.duplicate")

    transition, other = lines()
    assert other.pop("location")
    stamps = [
        datetime.strptime(line.pop("timestamp"), "%Y-%m-%d %H:%M:%S,%f%z")
        for line in (transition, other)
    ]
    assert timedelta(0) <= stamps[1] - stamps[0] < timedelta(seconds=1)
    assert transition == other
    assert transition["xray_trace_id"] == "1-5759e988-bd862e3f"


def test_a_line_says_which_version_wrote_it(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """At any level: releases are judged by it."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "12")
    _telemetry().transition({"event": "job.completed", "job_type": "send_email"})
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "WARNING")
    _telemetry().transition({"event": "job.completed", "job_type": "send_email"})

    whole, bare = lines()
    assert (whole["function_version"], bare["function_version"]) == ("12", "12")
    assert "JobsCompleted" in bare


def test_transition_obeys_the_level(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "WARNING")
    telemetry = _telemetry()

    telemetry.transition({"event": "job.duplicate", "job_type": "send_email"})

    assert lines() == []


def test_metrics_ride_on_the_line(lines: Lines) -> None:
    told: Fields = {"job_type": "send_email", "wait_ms": 12.5, "tenant": None}
    _telemetry().transition({"event": "job.started", **told})

    (line,) = lines()
    aws = line["_aws"]
    (directive,) = aws["CloudWatchMetrics"]
    assert abs(time.time() * 1000 - aws["Timestamp"]) < 60_000
    assert [one["Name"] for one in directive["Metrics"]] == ["JobsStarted", "QueueWait"]
    assert all(line[name] for name in directive["Dimensions"][0])
    assert (line["JobsStarted"], line["QueueWait"], line["wait_ms"]) == (1, 12.5, 12.5)


def test_metrics_are_told_at_every_level(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "WARNING")
    telemetry = _telemetry()

    telemetry.transition({"event": "job.started", "job_id": "job-1", "job_type": "send_email"})

    (line,) = lines()
    assert set(line) == {"service", "job_type", "JobsStarted", "_aws"}


def test_metrics_stay_apart_from_what_is_not_ascii(lines: Lines) -> None:
    line: Fields = {
        "event": "job.started",
        "job_type": "send_email",
        "wait_ms": 1.0,
        "tenant": None,
    }
    _telemetry().transition({**line, "job_id": "\u2028\ud800"})

    (told,) = lines()
    assert (told["JobsStarted"], told["job_id"]) == (1, "\u2028\ud800")
    assert "tenant" not in told


def test_memory_is_told_once_a_second_in_per_cent_of_the_function(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
    telemetry = _telemetry()
    ended: Fields = {"job_type": "send_email", "duration_ms": 3.0}

    for event in ("job.started", "job.completed", "job.completed"):
        telemetry.transition({"event": event, **ended})

    _, first, second = lines()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024 * 100
    assert 1 < first["MemoryUsed"] <= peak + 1
    assert "MemoryUsed" not in second


def test_memory_is_unknown_outside_of_a_function(lines: Lines) -> None:
    _telemetry().transition({"event": "job.completed", "job_type": "send_email", "duration_ms": 3})

    (line,) = lines()
    assert (line["JobDuration"], "MemoryUsed" in line) == (3, False)


def test_transition_nobody_reads_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", io.StringIO())
        telemetry = _telemetry()
        sys.stdout.close()

        telemetry.transition({"event": "job.completed"})


def test_trouble_tells_its_error(lines: Lines) -> None:
    telemetry = _telemetry()
    telemetry.trouble("hook_failed", ValueError("boom\n"), hook="on_start")
    telemetry.trouble("hide_failed", None, code="Gone")

    failed, hidden = lines()
    assert (failed["message"], failed["level"], failed["hook"]) == (
        "hook_failed",
        "ERROR",
        "on_start",
    )
    assert failed["exception_name"] == "ValueError"
    assert (hidden["code"], "exception" in hidden) == ("Gone", False)


def test_trouble_tells_what_its_error_came_from_and_not_what_was_handled_then(lines: Lines) -> None:
    cause, error = OSError("cause"), RuntimeError("boom")
    cause.__context__, error.__cause__ = ValueError("handled"), cause
    _telemetry().trouble("store_unavailable", error)

    (line,) = lines()
    told = [f"Error: {word}" in line["exception"] for word in ("boom", "cause", "handled")]
    assert told == [True, True, False]


def test_trouble_of_an_error_that_came_from_itself_is_told(lines: Lines) -> None:
    error = RuntimeError("boom")
    error.__cause__ = OSError("cause")
    error.__cause__.__cause__ = error
    _telemetry().trouble("store_unavailable", error)

    (line,) = lines()
    assert "RuntimeError: boom" in line["exception"]


@pytest.mark.parametrize(
    "text",
    [
        'a\n{"level":"ERROR"}\r\n',
        "\x00\x1b[31m\x85\u2028",
        "\ud800",
        '{"level": "ERROR", "job_id": "other"}',
        "[" * 100_000,
        "%s %d",
    ],
)
def test_text_of_a_job_cannot_break_its_line(lines: Lines, text: str) -> None:
    telemetry = _telemetry()
    telemetry.logger(job_id="job-1").info(text)

    (line,) = lines()
    assert (line["message"], line["job_id"], line["level"]) == (text, "job-1", "INFO")


def test_fields_of_a_job_win_over_those_of_its_line(lines: Lines) -> None:
    telemetry = _telemetry()
    logger = telemetry.logger(job_id="job-1", tenant=None)

    logger.warning("half %s", "way", extra={"job_id": "other", "mine": object})

    (line,) = lines()
    assert (line["job_id"], line["message"]) == ("job-1", "half way")
    assert line["mine"] == "<class 'object'>"


def test_error_of_a_job_is_logged_with_its_traceback(lines: Lines) -> None:
    telemetry = _telemetry()
    try:
        _fail()
    except ValueError:
        telemetry.logger(job_id="job-1").exception("failed")

    (line,) = lines()
    assert "_fail()" in line["exception"]


def test_jobs_side_by_side_keep_their_fields(lines: Lines) -> None:
    telemetry = _telemetry()

    async def job(number: int) -> None:
        logger = telemetry.logger(job_id=f"job-{number}")
        for _ in range(5):
            logger.info("of %s", number)
            await asyncio.sleep(0)

    async def jobs() -> None:
        await asyncio.gather(*(job(number) for number in range(10)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: asyncio.run(jobs()), range(4)))

    found = lines()
    assert len(found) == 200
    assert all(line["message"] == "of " + line["job_id"].removeprefix("job-") for line in found)


def test_same_service_twice_writes_each_line_once(lines: Lines) -> None:
    service = f"service-{uuid.uuid4()}"
    PowertoolsTelemetry(service)

    PowertoolsTelemetry(service).transition({"event": "once"})

    assert len(lines()) == 1


def _telemetry() -> PowertoolsTelemetry:
    # Made in the test, since pytest swaps standard output between a fixture and its test; and
    # under a name of its own, since loggers live as long as the process.
    return PowertoolsTelemetry(f"service-{uuid.uuid4()}")


def _fail() -> None:
    raise ValueError("boom")
