"""What a stage costs: laws of the sum, and lines as long as they are said to be."""

from datetime import timedelta

import pytest

from tests.unit.loud import LoudTelemetry
from workerless import JobType, Payload, Tracking
from workerless.operations.cost import ATTEMPT_LOG_BYTES, Profile, Workload, parts_of
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

# What CloudWatch adds to each event it takes in.
EVENT_BYTES = 26
JOBS = 20


class Ring(Payload):
    """Rings."""

    bell: str


def dollars(load: Workload, *names: str) -> float:
    return sum(one.dollars for one in parts_of(load) if not names or one.name in names)


def test_no_jobs_cost_nothing_but_what_stands_there() -> None:
    idle = parts_of(Workload(jobs=0))

    assert not any(part.dollars for part in idle if part.is_of_jobs)
    assert all(part.dollars for part in idle if not part.is_of_jobs)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (Workload(jobs=1_000), Workload(jobs=2_000)),
        (Workload(jobs=1_000, batch_size=10), Workload(jobs=1_000, batch_size=1)),
        (Workload(jobs=1_000), Workload(jobs=1_000, retries=0.5)),
        (Workload(jobs=1_000), Workload(jobs=1_000, in_bulk=False)),
        (Workload(jobs=1_000), Workload(jobs=1_000, job_types=2)),
        (Workload(jobs=1_000), Workload(jobs=1_000, memory_mb=512)),
        (Workload(jobs=1_000), Workload(jobs=1_000, duration=timedelta(seconds=1))),
        (Workload(jobs=1_000, tracking=Tracking.LEAN), Workload(jobs=1_000)),
        (Workload(jobs=1_000, tracking=Tracking.OFF), Workload(jobs=1_000, tracking=Tracking.LEAN)),
        (Workload(jobs=0, alarms=Profile.NONE), Workload(jobs=0, alarms=Profile.BASIC)),
        (Workload(jobs=0, alarms=Profile.BASIC), Workload(jobs=0)),
        (Workload(jobs=0), Workload(jobs=0, pollers=2)),
        (Workload(jobs=0), Workload(jobs=0, insights=1)),
    ],
)
def test_more_costs_more(less: Workload, more: Workload) -> None:
    assert dollars(less) < dollars(more)


def test_two_pollers_and_insights_by_hand() -> None:
    load = Workload(jobs=0, pollers=2, insights=1)

    assert dollars(load, "pollers") == pytest.approx(2 * 720 * 0.00925)
    assert dollars(load, "Lambda Insights") == pytest.approx(16 * 0.30)


def test_a_million_jobs_by_hand() -> None:
    load = Workload(jobs=1_000_000)

    assert dollars(load, "requests of SQS") == pytest.approx(0.3 * 0.40)
    assert dollars(load, "writes of records") == pytest.approx(6 * 0.625)
    assert dollars(load, "calls of Lambda") == pytest.approx(0.1 * 0.20)
    assert dollars(load, "time in Lambda") == pytest.approx(50_000 * 0.0000133334)


def test_an_attempts_lines_are_as_long_as_they_are_charged_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "1234")
    ring = JobType(name="ring", payload=Ring)
    with InMemoryStage(worker(ring)(lambda _payload: None)) as stage:
        stage.doubles.telemetry = LoudTelemetry()
        for number in range(JOBS):  # ids as long as those of production
            stage.client.enqueue(ring, Ring(bell="x"), job_id=f"{number:036d}")
        stage.run_all()

    lines = capsys.readouterr().out.splitlines()
    used = sum(len(line) + EVENT_BYTES for line in lines) / JOBS
    assert len(lines) == 2 * JOBS
    assert ATTEMPT_LOG_BYTES * 0.8 < used <= ATTEMPT_LOG_BYTES
