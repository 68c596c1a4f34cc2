"""Health: ready or not, and the report that dashboards ask for."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from workerless.errors import (
    PlatformUnavailableError,
    QueueUnavailableError,
    StoreUnavailableError,
    WorkerlessError,
)
from workerless.operations.health import StageHealth
from workerless.operations.metrics import QueueMetrics
from workerless.operations.queues import QueueStats
from workerless.operations.statistic import spread
from workerless.ports import Address
from workerless.pulse import GAP, Pulse
from workerless.search import Count
from workerless.spread import at_once, in_turn
from workerless.testing.flow.settings import InMemorySettings
from workerless.testing.memory import FakeClock, InMemoryDirectory, InMemoryQueue
from workerless.testing.platform import InMemoryPlatform, an_alarm
from workerless.testing.pulse import InMemoryPulses


@dataclass
class Figures:
    """Two jobs done for each that failed; ``error_rate`` is what a test says."""

    error_rate: float | None = None
    counts: dict[str, Count] = field(default_factory=dict)

    def stats(self, job_type: str) -> QueueStats:
        names = ("waiting", "active", "delayed", "completed", "failed")
        numbers = {name: Count(number=n) for n, name in enumerate(names, start=1)}
        others = {name: Count(number=0) for name in ("held", "cancelled", "discarded")}
        return QueueStats(**{**numbers, **others, **self.counts}, pauses=(), lanes={})

    def metrics(self, job_type: str) -> QueueMetrics:
        return QueueMetrics(
            latency=spread([]),
            wait_time=spread([]),
            throughput=0,
            error_rate=self.error_rate,
            samples=0,
        )


def a_health(**changes: Any) -> StageHealth:
    clock = FakeClock()
    pulses = InMemoryPulses()
    pulses.beat(clock.now() - timedelta(minutes=2))
    pulses.beat(clock.now())
    parts = {
        "platform": InMemoryPlatform(),
        "directory": InMemoryDirectory(["greet", "other"]),
        "queue": InMemoryQueue(clock),
        "pulses": pulses,
        "settings": InMemorySettings(),
        "clock": clock,
        "figures": Figures(),
    }
    return StageHealth(**{**parts, **changes})


def failing(health: StageHealth) -> list[str]:
    return [check.name for check in health.ready().checks if not check.ok]


def test_report_is_the_same_when_many_are_asked_about_at_once() -> None:
    directory = InMemoryDirectory([f"type_{number:02}" for number in range(40)])

    one, other = (a_health(directory=directory, spread=how).report() for how in (in_turn, at_once))

    assert one.shape() == other.shape()
    assert len(one.queues) == 40


def test_stage_that_works_is_ready() -> None:
    readiness = a_health().ready()

    assert readiness.ok
    assert [check.name for check in readiness.checks] == [
        "table",
        "queue greet",
        "queue other",
        "mapping greet",
        "mapping other",
        "alarms",
    ]


def test_table_that_does_not_answer_is_not_ready() -> None:
    class Silent(InMemoryPulses):
        def last(self) -> Pulse | None:
            raise StoreUnavailableError("no answer")

    assert failing(a_health(pulses=Silent())) == ["table"]


def test_queue_that_does_not_answer_is_not_ready() -> None:
    class Silent(InMemoryQueue):
        def waiting(self, address: str) -> int:
            raise QueueUnavailableError("no answer")

    assert failing(a_health(queue=Silent(FakeClock()))) == ["queue greet", "queue other"]


def test_mapping_that_is_off_missing_or_untold_is_not_ready() -> None:
    platform = InMemoryPlatform()
    directory = InMemoryDirectory(["greet", "other"])
    greet, other = (platform.job_type(directory.find(name)) for name in ("greet", "other"))
    off = replace(greet.mappings[0], state="Disabled")
    platform.job_types = {
        "greet": replace(greet, mappings=(off,)),
        "other": replace(other, mappings=()),
    }

    class Silent(InMemoryPlatform):
        def mappings(self, address: Address) -> Any:
            raise PlatformUnavailableError("no answer")

    assert failing(a_health(platform=platform)) == ["mapping greet", "mapping other"]
    assert failing(a_health(platform=Silent())) == ["mapping greet", "mapping other"]


def test_job_type_that_containers_run_is_ready_without_its_mapping() -> None:
    platform, directory = InMemoryPlatform(), InMemoryDirectory(["greet", "other"])
    directory.run_in_containers("greet")
    greet = platform.job_type(directory.find("greet"))
    off = replace(greet.mappings[0], state="Disabled")
    platform.job_types = {"greet": replace(greet, mappings=(off,))}

    assert failing(a_health(platform=platform, directory=directory)) == []


@pytest.mark.parametrize(
    ("metric", "ready"),
    [("ApproximateAgeOfOldestMessage", False), ("ApproximateNumberOfMessagesVisible", True)],
)
def test_only_an_alarm_that_says_nothing_moves_makes_a_stage_unready(
    metric: str, *, ready: bool
) -> None:
    platform = InMemoryPlatform()
    greet = platform.job_type(InMemoryDirectory(["greet"]).find("greet"))
    ringing = an_alarm("greet", metric, state="ALARM", name="bell")
    platform.job_types["greet"] = replace(greet, alarms=(ringing,))

    found = a_health(platform=platform).ready()

    assert found.ok is ready
    assert found.checks[-1].detail == "bell"


def test_alarms_that_are_not_told_are_not_ready() -> None:
    class Silent(InMemoryPlatform):
        def alarms(self) -> Any:
            raise PlatformUnavailableError("no answer")

    assert failing(a_health(platform=Silent())) == ["alarms"]


def test_stage_whose_job_types_are_not_told_is_reported_all_the_same() -> None:
    class Silent(InMemoryDirectory):
        def all(self) -> list[Address]:
            raise WorkerlessError("no answer")

    report = a_health(directory=Silent()).report()

    assert failing(a_health(directory=Silent())) == ["directory"]
    assert (report.healthy, report.queues) == (False, ())


def test_report_has_the_names_that_dashboards_ask_for() -> None:
    shape = a_health().report().shape()

    assert shape["healthy"] is True
    assert shape["uptime"] == 120
    assert shape["lastHeartbeat"] == FakeClock().now().isoformat()
    assert (shape["activeJobs"], shape["processedJobs"], shape["failedJobs"]) == (4, 8, 10)
    assert shape["queues"][0] == {
        "name": "greet",
        "healthy": True,
        "isServiceRunning": True,
        "paused": [],
        "waiting": 1,
        "active": 2,
        "delayed": 3,
        "completed": 4,
        "failed": 5,
        "held": 0,
        "cancelled": 0,
        "discarded": 0,
        "atLeast": [],
        "failureRatio": None,
    }
    assert {check["ok"] for check in shape["checks"]} == {True}


def test_number_that_was_cut_is_named() -> None:
    figures = Figures(counts={"failed": Count(number=10_000, at_least=True)})

    (greet, _) = a_health(figures=figures).report().shape()["queues"]

    assert (greet["failed"], greet["atLeast"]) == (10_000, ["failed"])


@pytest.mark.parametrize(("ratio", "healthy"), [(None, True), (0.1, True), (0.11, False)])
def test_more_than_one_failure_in_ten_is_not_healthy(ratio: float | None, *, healthy: bool) -> None:
    assert a_health(figures=Figures(error_rate=ratio)).report().healthy is healthy


def test_uptime_and_health_end_with_the_heartbeat() -> None:
    pulses, clock = InMemoryPulses(), FakeClock()
    never = a_health(pulses=pulses, clock=clock).report()
    pulses.beat(clock.now())
    clock.advance(GAP + timedelta(seconds=1))

    late = a_health(pulses=pulses, clock=clock).report()

    assert (never.uptime, never.shape()["lastHeartbeat"]) == (timedelta(0), None)
    assert late.uptime == timedelta(0)
    assert (never.healthy, late.healthy) == (False, False)
