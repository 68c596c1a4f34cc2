"""The deployed HTTP API, as a program without our client meets it: signed requests and JSON."""

import time
from typing import Any

import pytest

from tests.e2e.asking import Ask

pytestmark = pytest.mark.local_cloud


def ended(ask: Ask, job_id: str) -> Any:
    for _ in range(240):
        _, job = ask("GET", f"/jobs/{job_id}")
        if job["state"] in ("completed", "failed"):
            return job
        time.sleep(0.25)
    raise AssertionError(f"{job_id} did not end")


def test_job_is_enqueued_followed_fails_and_is_mended_over_http(ask: Ask) -> None:
    key = {"Idempotency-Key": "http-1"}
    status, sent = ask("POST", "/jobs/act", {"data": {"deed": "raise"}}, headers=key)
    again = ask("POST", "/jobs/act", {"data": {"deed": "raise"}}, headers=key)
    failed = ended(ask, sent["jobId"])

    assert (status, sent["status"]) == (202, "queued")
    assert again == (202, {**sent, "duplicate": True})
    assert (failed["state"], failed["failedReason"]) == ("failed", "attempts_exhausted")
    path = f"/queues/act/dead/{sent['jobId']}"
    _, dead = ask("GET", path)
    assert "as told" in dead["attempts"][-1]["text"]
    mended = {"data": {"deed": "return", "text": "mended"}, "why": "the deed was wrong"}
    assert ask("POST", f"{path}/retry", mended) == (200, {"success": True})
    done = ended(ask, sent["jobId"])
    assert (done["state"], done["data"]["deed"]) == ("completed", "return")
    verbs = [one["verb"] for one in ask("GET", "/audit")[1]["entries"]]
    assert verbs


def test_schedule_is_made_run_paused_and_deleted_over_http(ask: Ask) -> None:
    wanted = {"when": "0 9 * * *", "timezone": "Europe/Berlin", "data": {"deed": "return"}}
    status, made = ask("PUT", "/schedules/act/nine", wanted)
    path = f"/schedules/{made['schedule']['id']}"
    _, again = ask("PUT", "/schedules/act/nine", wanted)
    sent = ask("POST", f"{path}/run", {"why": "to see it"})
    ran = ended(ask, sent[1]["jobId"])
    paused = ask("POST", f"{path}/pause", {"why": "closed"})
    _, shown = ask("GET", path)
    deleted = ask("DELETE", path)

    assert (status, made["created"], path) == (200, True, "/schedules/act--nine")
    assert (again["created"], again["changed"]) == (False, False)
    assert (sent[0], ran["state"]) == (202, "completed")
    assert (paused[0], shown["paused"]["why"], shown["next"]) == (200, "closed", None)
    assert (deleted, ask("GET", path)[0]) == ((200, {"success": True}), 404)


def test_every_list_is_answered(ask: Ask) -> None:
    for path in (
        "/jobs?type=act&state=failed&limit=5",
        "/queues",
        "/queues/act/metrics",
        "/queues/act/dead",
        "/queues/act/groups",
        "/schedules",
        "/operations",
        "/audit",
        "/health/ready",
        "/metrics",
    ):
        status, answer = ask("GET", path)
        assert status == 200, (path, answer)


@pytest.mark.parametrize("path", ["/jobs/any", "/metrics", "/queues/act/dead"])
def test_unsigned_request_is_refused_by_the_gateway(ask: Ask, path: str) -> None:
    assert ask("GET", path, signed=False)[0] == 403


def test_what_the_gateway_has_no_route_for_is_404(ask: Ask) -> None:
    assert ask("PATCH", "/jobs/any")[0] == 404
    assert ask("POST", "/webhooks/nobody", {})[0] == 404


def test_payload_that_does_not_fit_is_refused_by_field(ask: Ask) -> None:
    status, answer = ask("POST", "/jobs/act", {"data": {"deed": 7}})

    assert (status, answer["code"], answer["field"]) == (400, "invalid_payload", "data.deed")
