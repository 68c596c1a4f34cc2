"""Jobs over HTTP, as a caller meets them."""

import json
from datetime import timedelta

import pytest

from tests.unit.http.office import TENANTS, Office, role
from workerless.http.surface import Scope
from workerless.testing.sample import a_claim

JOB = {"data": {"number": 7}}


@pytest.fixture
def office() -> Office:
    return Office()


def test_job_is_accepted_followed_and_done(office: Office) -> None:
    office.ward.cure()

    status, answer = office.ask("POST /jobs/visit", JOB)

    assert (status, answer["status"], answer["duplicate"]) == (202, "queued", False)
    _, before = office.ask(f"GET /jobs/{answer['jobId']}")
    assert (before["state"], before["data"], before["attemptsMade"]) == (
        "pending",
        {"number": 7},
        0,
    )
    office.ward.stage.drain()
    _, after = office.ask(f"GET /jobs/{answer['jobId']}")
    assert (after["id"], after["type"], after["state"]) == (answer["jobId"], "visit", "completed")
    assert {"progress", "result", "failedReason"} <= after.keys()


def test_same_key_is_the_same_job_and_another_payload_is_refused(office: Office) -> None:
    key = {"idempotency-key": "order-7"}
    _, first = office.ask("POST /jobs/visit", JOB, headers=key)
    _, again = office.ask("POST /jobs/visit", JOB, headers=key)
    status, other = office.ask("POST /jobs/visit", {"data": {"number": 8}}, headers=key)

    assert (again["jobId"], again["duplicate"]) == (first["jobId"], True)
    assert (status, other["code"]) == (422, "idempotency_key_reused")


def test_same_key_of_two_tenants_is_two_jobs(office: Office) -> None:
    ids = set()
    for number, by in enumerate((*TENANTS, None)):
        status, answer = office.ask(
            "POST /jobs/visit",
            {"data": {"number": number}},
            by=role(by, Scope.ENQUEUE),
            headers={"idempotency-key": "k"},
        )
        assert (status, answer["duplicate"]) == (202, False)
        ids.add(answer["jobId"])

    assert len(ids) == 3


def test_delay_attempts_correlation_and_trace_are_taken_along(office: Office) -> None:
    trace = f"00-{'1' * 32}-{'2' * 16}-01"
    _, answer = office.ask(
        "POST /jobs/visit",
        {
            **JOB,
            "delayMs": 5_000,
            "attempts": 1,
            "correlationId": "request-7",
            "tags": ["checkout", "eu"],
        },
        headers={"traceparent": trace},
    )

    assert answer["status"] == "scheduled"
    (record,) = office.ward.stage.doubles.store.get_many([answer["jobId"]])
    assert record is not None
    assert record.run_at - record.enqueued_at == timedelta(seconds=5)
    assert (record.max_attempts, record.correlation_id) == (1, "request-7")
    assert record.tags == ("checkout", "eu")
    assert json.loads(record.body)["traceparent"] == trace
    _, shown = office.ask(f"GET /jobs/{answer['jobId']}")
    assert (shown["correlationId"], shown["traceparent"], shown["parentId"]) == (
        "request-7",
        trace,
        None,
    )


@pytest.mark.parametrize(
    ("header", "told"), [("cart-7", "cart-7"), ("\n", None), ("x" * 257, None)]
)
def test_correlation_may_come_as_a_header(office: Office, header: str, told: str | None) -> None:
    _, answer = office.ask("POST /jobs/visit", JOB, headers={"x-correlation-id": header})

    (record,) = office.ward.stage.doubles.store.get_many([answer["jobId"]])
    assert record is not None
    assert record.correlation_id == (told or answer["jobId"])


def test_trace_that_is_none_costs_no_job(office: Office) -> None:
    status, _ = office.ask("POST /jobs/visit", JOB, headers={"traceparent": "x" * 300})

    assert status == 202


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"data": {"number": "seven"}}, "invalid_payload", "data.number"),
        ({"data": {"number": 7, "more": 1}}, "invalid_payload", "data.more"),
        ({"data": {}}, "invalid_payload", "data.number"),
        ({}, "invalid_request", "body.data"),
        ({**JOB, "tenant": "acme"}, "invalid_request", "body.tenant"),
        ({**JOB, "delayMs": -1}, "invalid_request", "body.delayMs"),
        ({**JOB, "delayMs": 10**15}, "invalid_request", "body.delayMs"),
        ({**JOB, "tags": ["two words"]}, "invalid_request", "body.tags.0"),
        ({**JOB, "tags": [str(number) for number in range(6)]}, "invalid_request", "body.tags"),
        ({**JOB, "attempts": 2}, "invalid_request", "attempts"),
    ],
)
def test_what_does_not_fit_is_named(office: Office, body: object, code: str, field: str) -> None:
    status, answer = office.ask("POST /jobs/visit", body)

    assert (status, answer["code"], answer["field"]) == (400, code, field)
    assert set(answer) == {"code", "message", "field", "request_id"}
    assert office.ward.records() == []


def test_job_that_waits_can_be_called_off_and_one_that_ended_cannot(office: Office) -> None:
    waiting, dead = office.enqueue(1, delayMs=60_000), office.kill(2)

    status, answer = office.ask(f"POST /jobs/{waiting}/cancel", {"why": "wrong number"})
    refused, told = office.ask(f"POST /jobs/{dead}/cancel", {"why": "wrong number"})

    assert (status, answer["state"], answer["failedReason"]) == (200, "cancelled", "wrong number")
    assert (refused, told["code"]) == (409, "wrong_state")


def test_job_that_runs_is_asked_to_end(office: Office) -> None:
    job_id, now = office.enqueue(1), office.ward.clock.now()
    store = office.ward.stage.doubles.store
    store.claim_many([a_claim(job_id, job_type="visit", now=now)])

    status, answer = office.ask(f"POST /jobs/{job_id}/cancel", {"why": "wrong number"})

    assert (status, answer["state"]) == (200, "processing")
    assert store.why_cancelled(job_id, "token-1") == "wrong number"


def test_jobs_are_found_page_by_page(office: Office) -> None:
    ids = [office.kill(number) for number in range(5)]
    found: list[str] = []
    cursor = ""
    while True:
        query = "type=visit&state=failed&limit=2" + (f"&cursor={cursor}" if cursor else "")
        status, page = office.ask("GET /jobs", query=query)
        assert status == 200
        found += [job["id"] for job in page["jobs"]]
        if not (cursor := page["cursor"]):
            break

    assert sorted(found) == sorted(ids)


def test_cursor_of_another_search_is_refused(office: Office) -> None:
    for number in range(3):
        office.kill(number)
    _, page = office.ask("GET /jobs", query="type=visit&state=failed&limit=1")

    for query in (
        f"type=visit&state=cancelled&cursor={page['cursor']}",
        "type=visit&state=failed&cursor=x",
    ):
        status, answer = office.ask("GET /jobs", query=query)
        assert (status, answer["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize(
    "key", ["POST /jobs/nothing", "GET /queues/nothing/metrics", "GET /queues/nothing/dead"]
)
def test_job_type_that_is_not_there_is_404(office: Office, key: str) -> None:
    status, answer = office.ask(key, JOB if key.startswith("POST") else None)

    assert (status, answer["code"]) == (404, "unknown_job_type")


@pytest.mark.parametrize("path", ["/", "/jobs/", "/jobs/a/b", "/jobs/é", f"/jobs/{'x' * 129}"])
def test_what_is_not_there_is_404(office: Office, path: str) -> None:
    assert office.ask(f"GET {path}")[0] == 404


def test_route_that_the_gateway_did_not_mean_is_404(office: Office) -> None:
    job_id = office.enqueue(1)
    event = {
        "routeKey": "POST /jobs/{job_type}",  # for jobs/<id>%2Fcancel, which IAM let pass
        "rawPath": f"/jobs/{job_id}/cancel",
        "headers": {"content-type": "application/json"},
        "body": '{"why": "x"}',
        "requestContext": {
            "http": {"method": "POST"},
            "requestId": "r",
            "authorizer": {"iam": {"userArn": "arn:aws:iam::1:role/any"}},
        },
    }

    assert office.api.handle(event)["statusCode"] == 404
    assert office.ask(f"GET /jobs/{job_id}")[1]["state"] == "pending"
