"""Dead letters, groups, operations and the audit over HTTP."""

import re
from datetime import timedelta

import pytest

from tests.unit.http.office import ADMIN, Office


@pytest.fixture
def office() -> Office:
    return Office()


def test_dead_jobs_are_listed_with_what_was_asked_for(office: Office) -> None:
    job_id = office.kill(7)

    status, page = office.ask("GET /queues/visit/dead")

    (job,) = page["jobs"]
    assert (status, job["id"], job["data"]) == (200, job_id, {"number": 7})
    assert (job["failedReason"], job["attemptsMade"]) == ("attempts_exhausted", 1)
    assert {"timestamp", "fingerprint", "errorType", "movedBySqs"} <= job.keys()


def test_dead_job_is_shown_with_all_that_it_said(office: Office) -> None:
    job_id = office.kill(7)

    _, job = office.ask(f"GET /queues/visit/dead/{job_id}")

    assert "patient 7 is ill" in job["attempts"][0]["text"]
    assert [one["what"] for one in job["timeline"]][-1] == "failed"


def test_dead_job_is_retried_with_another_payload(office: Office) -> None:
    job_id = office.kill(7)
    office.ward.cure()

    wrong = office.ask(f"POST /queues/visit/dead/{job_id}/retry", {"data": {"number": "x"}})
    right = office.ask(
        f"POST /queues/visit/dead/{job_id}/retry", {"data": {"number": 8}, "why": "typo"}
    )
    office.ward.stage.drain()

    assert (wrong[0], wrong[1]["code"]) == (400, "invalid_request")
    assert right == (200, {"success": True})
    assert office.ward.ran == [8]
    again = office.ask(f"POST /queues/visit/dead/{job_id}/retry")
    assert (again[0], again[1]["code"]) == (400, "wrong_state")


@pytest.mark.parametrize(
    ("body", "why"), [("", "its message is gone"), ('{"number": 7e999}', "(not_json)")]
)
def test_dead_job_that_cannot_run_again_says_why_and_nothing_of_its_payload(
    office: Office, body: str, why: str
) -> None:
    office.ward.file(1, body=body)
    (job,) = office.ask("GET /queues/visit/dead")[1]["jobs"]

    status, answer = office.ask(f"POST /queues/visit/dead/{job['id']}/retry")

    assert (status, answer["code"]) == (400, "wrong_state")
    assert why in answer["message"]
    assert "7e999" not in answer["message"]


@pytest.mark.parametrize("verb", ["discard", "archive"])
def test_dead_job_can_be_done_with(office: Office, verb: str) -> None:
    job_id = office.kill(7)

    assert office.ask(f"POST /queues/visit/dead/{job_id}/{verb}", {"why": "old"})[0] == 200

    assert office.ask("GET /queues/visit/dead")[1]["jobs"] == []


def test_all_are_retried_and_the_number_is_told(office: Office) -> None:
    for number in range(3):
        office.kill(number)
    office.ward.clock.advance(timedelta(seconds=1))
    office.ward.cure()

    status, answer = office.ask("POST /queues/visit/dead/retry-all", {"why": "cured"})
    office.ward.stage.run_all()

    assert (status, answer["retried"]) == (200, 3)
    assert sorted(office.ward.ran) == [0, 1, 2]
    _, operation = office.ask(f"GET /operations/{answer['operationId']}")
    assert (operation["kind"], operation["counts"]["done"], operation["by"]) == ("retry", 3, ADMIN)


def test_old_ones_are_cleaned_and_others_stay(office: Office) -> None:
    old = office.kill(1)
    office.ward.clock.advance(timedelta(hours=2))
    new = office.kill(2)
    office.ward.clock.advance(timedelta(seconds=1))

    status, answer = office.ask("DELETE /queues/visit/dead", query="olderThan=3600000")

    assert (status, answer["cleaned"]) == (200, 1)
    assert [job["id"] for job in office.ask("GET /queues/visit/dead")[1]["jobs"]] == [new]
    assert office.ask(f"GET /jobs/{old}")[1]["state"] == "discarded"


@pytest.mark.parametrize("query", ["", "olderthan=5", "olderThan=-1", "olderThan=x"])
def test_nothing_is_cleaned_by_a_slip(office: Office, query: str) -> None:
    office.kill(1)

    assert office.ask("DELETE /queues/visit/dead", query=query)[0] == 400

    assert len(office.ask("GET /queues/visit/dead")[1]["jobs"]) == 1


def test_group_is_shown_and_spoken_of(office: Office) -> None:
    office.kill(1)
    office.kill(2)
    _, before = office.ask("GET /queues/visit/groups")
    (group,) = before["groups"]

    status, _ = office.ask(
        f"POST /queues/visit/groups/{group['fingerprint']}/resolve", {"why": "cured"}
    )

    assert (status, group["count"], group["status"]) == (200, 2, "open")
    (after,) = office.ask("GET /queues/visit/groups")[1]["groups"]
    assert (after["status"], after["by"], after["why"]) == ("resolved", ADMIN, "cured")


def test_operation_is_counted_started_listed_and_ended(office: Office) -> None:
    office.kill(1)
    office.ward.clock.advance(timedelta(seconds=1))
    asked = {"kind": "discard", "filter": {"type": "visit"}, "why": "old"}

    _, counted = office.ask("POST /operations", {**asked, "dryRun": True})
    status, started = office.ask("POST /operations", asked)

    assert (counted["id"], counted["counts"]["total"]) == (None, 1)
    assert (status, started["state"]) == (202, "running")
    assert office.ward.kicks == 1
    _, listed = office.ask("GET /operations")
    assert [one["id"] for one in listed["operations"]] == [started["id"]]
    _, aborted = office.ask(f"POST /operations/{started['id']}/abort", {"why": "no"})
    assert aborted["state"] == "aborted"
    _, resumed = office.ask(f"POST /operations/{started['id']}/resume")
    assert resumed["state"] == "running"
    verbs = [(one["verb"], one["by"]) for one in office.ask("GET /audit")[1]["entries"]]
    assert {by for _, by in verbs} == {ADMIN}
    assert len(verbs) >= 3


def test_queues_are_listed_with_their_figures(office: Office) -> None:
    office.kill(1)
    office.enqueue(2)

    _, listed = office.ask("GET /queues")
    status, metrics = office.ask("GET /queues/visit/metrics")
    _, text = office.ask("GET /metrics")

    (row,) = listed["queues"]
    assert (row["name"], row["waiting"], row["failed"]) == ("visit", 1, 1)
    assert (status, metrics["queue"], metrics["samples"]) == (200, "visit", 1)
    assert set(metrics["latency"]) == {"avg", "p50", "p95", "p99"}
    assert 'jobs_processed_total{job_name="visit",status="failed"} 1\n' in text
    assert 'queue_depth{queue_name="visit"} 1\n' in text
    assert 'job_duration_seconds_bucket{job_name="visit",le="+Inf"} 1\n' in text


def test_figures_for_prometheus_are_counted_anew_after_ten_seconds(office: Office) -> None:
    office.enqueue(1)
    _, first = office.ask("GET /metrics")
    office.enqueue(1)

    _, same = office.ask("GET /metrics")
    office.ward.clock.advance(timedelta(seconds=10))
    _, later = office.ask("GET /metrics")

    assert same == first
    assert 'queue_waiting_jobs{queue_name="visit"} 2\n' in later


def test_prometheus_finds_every_name_that_its_dashboards_ask_for(office: Office) -> None:
    _, text = office.ask("GET /metrics")

    assert set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)) >= {
        "jobs_processed_total",
        "job_duration_seconds",
        "queue_depth",
        "worker_job_duration_seconds",
        "worker_active_jobs",
        "worker_completed_jobs_total",
        "worker_failed_jobs_total",
        "queue_waiting_jobs",
        "queue_active_jobs",
        "queue_completed_jobs",
        "queue_failed_jobs",
    }


def test_health_is_told_with_figures_and_reasons(office: Office) -> None:
    office.kill(1)

    status, health = office.ask("GET /health")
    ready_status, ready = office.ask("GET /health/ready")

    assert status == (200 if health["healthy"] else 503)
    assert health["failedJobs"] == 1
    assert {"uptime", "lastHeartbeat", "activeJobs", "processedJobs", "queues"} <= health.keys()
    assert ready_status == (200 if ready["ready"] else 503)
    assert {"name", "ok", "detail"} == set(ready["checks"][0])
