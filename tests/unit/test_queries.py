"""The saved queries, asked of real lines: each finds what it promises, by names that lines have."""

import json
from datetime import timedelta

import pytest

from infra.queries import QUERIES
from tests.infra.insights import Line, ask, asked
from tests.unit.loud import LoudTelemetry
from workerless import Fixed, JobType, Payload, Snooze
from workerless.testing.clock import FakeClock
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

STORY = "story of a job (put its id in)"
REQUEST = "story of a request (put its correlation id in)"


def report(log: str, used: int, **more: float) -> Line:
    """What Lambda writes of a call; Logs Insights makes fields of its figures."""
    return {"@type": "REPORT", "@log": log, "@maxMemoryUsed": used, "@memorySize": 256, **more}


REPORTS = [report("a", 120, **{"@initDuration": 412.0}), report("a", 130), report("b", 90)]


class Bell(Payload):
    """Rings. ``deed`` is what becomes of it."""

    deed: str


bell = JobType(name="bell", payload=Bell, retry=Fixed(attempts=2, delay=timedelta(seconds=5)))


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> list[Line]:
    """What five jobs leave in the log, and what Lambda adds."""
    clock, snoozed = FakeClock(), list[str]()

    def ring(payload: Bell) -> None:
        if payload.deed == "fail":
            raise ValueError
        if payload.deed == "snooze" and not snoozed:
            snoozed.append(payload.deed)
            raise Snooze(timedelta(minutes=1))
        clock.advance(timedelta(seconds=2 if payload.deed == "slow" else 1))

    with InMemoryStage(worker(bell)(ring), clock=clock) as stage:
        stage.doubles.telemetry = LoudTelemetry()
        for deed in ("ok", "slow", "fail", "fail", "snooze"):
            stage.client.enqueue(bell, Bell(deed=deed), correlation_id=f"request-{deed}")
        stage.run_all()
        stage.doubles.telemetry.trouble("send_failed", None, job_id="job-9", code="Throttled")
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [{**line, "@timestamp": n, "@log": "a"} for n, line in enumerate(written)]
    return [*told, *REPORTS]


@pytest.mark.parametrize("name", QUERIES)
def test_query_names_only_fields_that_lines_have(name: str, lines: list[Line]) -> None:
    known = {field for line in lines for field in line}

    assert asked(QUERIES[name]) <= known


def test_failures_are_counted_by_type_reason_and_error(lines: list[Line]) -> None:
    (row,) = ask(QUERIES["failures by type"], lines)

    assert (row["job_type"], row["reason"], row["error_type"]) == (
        "bell",
        "attempts_exhausted",
        "ValueError",
    )
    assert row["failures"] == 2
    assert [dead["job_id"] for dead in ask(QUERIES["dead jobs"], lines)] == ["job-4", "job-3"]


def test_retries_are_counted_by_error(lines: list[Line]) -> None:
    (row,) = ask(QUERIES["retries by error"], lines)

    assert (row["error_type"], row["retries"], row["jobs"]) == ("ValueError", 2, 2)


def test_slowest_attempt_comes_first(lines: list[Line]) -> None:
    slowest = ask(QUERIES["slowest attempts"], lines)

    assert (slowest[0]["job_id"], slowest[0]["duration_ms"]) == ("job-2", 2_000.0)
    assert {row["message"] for row in slowest} == {"job.completed", "job.retried", "job.failed"}
    assert ask(QUERIES["longest waits"], lines)[0]["wait_ms"] > 0


def test_what_holds_jobs_back_is_counted(lines: list[Line]) -> None:
    (row,) = ask(QUERIES["what holds jobs back"], lines)

    assert (row["message"], row["times"], row["jobs"]) == ("job.snoozed", 1, 1)


def test_troubles_are_counted(lines: list[Line]) -> None:
    (row,) = ask(QUERIES["troubles"], lines)

    assert (row["message"], row["times"]) == ("send_failed", 1)


def test_cold_starts_and_memory_come_from_lambdas_own_reports(lines: list[Line]) -> None:
    cold = ask(QUERIES["cold starts"], lines)

    assert [(row["@log"], row["calls"], row["cold"]) for row in cold] == [
        ("a", 2, 1),
        ("b", 1, 0),
    ]
    assert [row["used"] for row in ask(QUERIES["memory"], lines)] == [130, 90]


def test_story_of_a_job_is_told_in_order(lines: list[Line]) -> None:
    story = ask(QUERIES[STORY].replace("the id of a job", "job-3"), lines)
    of_request = ask(QUERIES[REQUEST].replace("the id of a request", "request-snooze"), lines)

    assert [row["message"] for row in story] == [
        "job.started",
        "job.retried",
        "job.started",
        "job.failed",
    ]
    assert [row["message"] for row in of_request] == [
        "job.started",
        "job.snoozed",
        "job.started",
        "job.completed",
    ]
