"""From a request to the last job that comes of it: one correlation id, one trace."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.asking import Ask
from tests.e2e.seen import logged, wait_for
from tests.e2e.test_pause import until
from workerless import State, correlated
from workerless.client import Client
from workerless.handle import JobStatus
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

TRACE_ID = "7" * 32
CANARY = "canary-e2e-span"
TRACE = f"00-{TRACE_ID}-{'2' * 16}-01"


def test_request_over_http_is_told_by_its_job_and_its_lines(ask: Ask, client: Client) -> None:
    headers = {"X-Correlation-Id": "request-e2e", "traceparent": TRACE}
    _, sent = ask("POST", "/jobs/act", {"data": {"deed": "return"}}, headers=headers)
    wait_for(client, sent["jobId"])

    _, job = ask("GET", f"/jobs/{sent['jobId']}")
    assert (job["correlationId"], job["traceparent"]) == ("request-e2e", TRACE)
    lines = [one for one in logged("act") if one.get("job_id") == sent["jobId"]]
    told = [(one["correlation_id"], one["trace_id"]) for one in lines if "queue" in one]
    assert told == [("request-e2e", TRACE_ID)] * 2


def test_request_goes_on_in_children_and_in_what_follows_them(
    client: Client, job_types: dict[str, JobType[Any, Any]]
) -> None:
    branching, noop, order = job_types["branching"], job_types["noop"], f"order-{uuid.uuid4()}"
    follows = noop.with_(number=1)
    with (
        correlated(order, traceparent=TRACE),
        client.batch("a tree", on_completion=follows) as batch,
    ):
        root = batch.add(branching, branching.payload(height=2))
    batch.wait(timedelta(minutes=3))
    until(lambda: bool(of(client, "noop", order)))
    (after,) = of(client, "noop", order)
    tree = of(client, "branching", order)

    assert {one.traceparent for one in (after, *tree)} == {TRACE}
    parents = {one.id: one.parent_id for one in tree}
    assert len(parents) == 7
    assert parents.pop(root.id) is None
    assert set(parents.values()) < {root.id, *parents}


def test_function_tells_spans_of_its_jobs_and_no_word_of_their_payloads(
    client: Client, job_types: dict[str, JobType[Any, Any]]
) -> None:
    """With ``workerless[otel]`` and the SDK in its own requirements, beside our layer."""
    spanned = job_types["spanned"]
    fails = client.enqueue(spanned, spanned.payload(error=CANARY), traceparent=TRACE)
    does = client.enqueue(spanned, spanned.payload(), traceparent=TRACE)
    until(lambda: len(spans(fails.id)) == 2 and len(spans(does.id)) == 1)

    told = [*spans(fails.id), *spans(does.id)]
    facts = [(one["attributes"]["job.outcome"], one["status"]["status_code"]) for one in told]
    assert facts == [("retried", "ERROR"), ("failed", "ERROR"), ("completed", "OK")]
    assert told[1]["attributes"]["job.dead_letter"] is True
    assert {one["context"]["trace_id"] for one in told} == {f"0x{TRACE_ID}"}
    assert {one["parent_id"] for one in told} == {f"0x{'2' * 16}"}
    assert CANARY not in json.dumps(told)


def spans(job_id: str) -> list[dict[str, Any]]:
    """Those of one job, in the order in which they ended."""
    lines = [one for one in logged("spanned") if "parent_id" in one]
    return [one for one in lines if one["attributes"]["job.id"] == job_id]


def of(client: Client, job_type: str, correlation_id: str) -> list[JobStatus[Any]]:
    """The jobs of this type that completed for the request, so far."""
    page = client.list(job_type, State.COMPLETED, limit=100)
    ours = [one.job_id for one in page.records if one.correlation_id == correlation_id]
    return [client.job(one).status() for one in ours]
