"""What CloudWatch would show of the local cloud: a job that fails is counted, rings, is drawn."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cloud import Cloud

pytestmark = pytest.mark.local_cloud

DEAD_LETTERS = "workerless-local-act-dead-letters"


@pytest.fixture
def failed(cloud: Cloud) -> None:
    """One job of ``act`` has failed for good."""
    cloud.workerless("enqueue", "act", '{"deed": "fail"}', "--wait")


def told(cloud: Cloud, *arguments: str, until: Callable[[Any], object]) -> Any:
    """The answer once it is as it should be: lines come when an invocation has ended."""
    answer: Any = None
    for _ in range(20):
        shown = cloud.workerless("local", *arguments, "--json")
        assert shown.returncode == 0, shown.stderr
        answer = json.loads(shown.stdout)
        if until(answer):
            return answer
        time.sleep(1)
    return answer


@pytest.mark.usefixtures("failed")
def test_a_job_that_fails_is_counted(cloud: Cloud) -> None:
    def sums(rows: list[dict[str, Any]]) -> dict[str, float]:
        return {row["metric"]: row["sum"] for row in rows}

    rows = told(cloud, "metrics", "act", until=lambda rows: sums(rows).get("JobsFailed"))

    assert sums(rows)["JobsFailed"] >= 1
    assert sums(rows)["JobsStarted"] >= 1
    assert {row["job_type"] for row in rows} == {"act"}


@pytest.mark.usefixtures("failed")
def test_a_job_that_fails_makes_its_alarm_ring(cloud: Cloud) -> None:
    def states(rows: list[dict[str, str]]) -> dict[str, str]:
        return {row["name"]: row["state"] for row in rows}

    rows = told(
        cloud, "alarms", "act", until=lambda rows: states(rows).get(DEAD_LETTERS) == "ALARM"
    )
    ringing = told(cloud, "alarms", "act", "--ringing", until=bool)

    assert states(rows)[DEAD_LETTERS] == "ALARM"
    # Nothing measures there how old a message is.
    assert states(rows)["workerless-local-act-oldest-age"] == "unknown"
    assert set(states(ringing).values()) == {"ALARM"}
    assert DEAD_LETTERS in states(ringing)


def test_a_job_type_where_nothing_failed_is_silent(cloud: Cloud) -> None:
    assert told(cloud, "alarms", "tiny_second", "--ringing", until=lambda _: True) == []


@pytest.mark.usefixtures("failed")
def test_dashboards_are_drawn_with_links_to_each_other(cloud: Cloud) -> None:
    shown = told(cloud, "dashboard", "act", until=lambda _: True)

    page = Path(shown["file"]).read_text()

    assert '<a href="workerless-local--overview.html">' in page
    assert (Path(shown["file"]).parent / "workerless-local--overview.html").exists()
    assert "<svg" in page


def test_a_dashboard_of_no_job_type_is_refused(cloud: Cloud) -> None:
    refused = cloud.workerless("local", "dashboard", "nobody")

    assert refused.returncode == 3
    assert "type must be one that is deployed, got 'nobody'" in refused.stderr
