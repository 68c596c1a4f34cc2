"""A sensitive value goes through the local cloud, and nobody is shown it."""

import json

import pytest

from tests.e2e.asking import Ask
from tests.e2e.cloud import Cloud
from tests.e2e.seen import logged, wait_for
from workerless.client import Client

pytestmark = pytest.mark.local_cloud

MARK = "canary-e2e-5e"


def test_sensitive_value_is_shown_to_who_asks_for_it_only(
    ask: Ask, client: Client, cloud: Cloud
) -> None:
    data = {"deed": "raise", "hushed": MARK}
    _, sent = ask("POST", "/jobs/act", {"data": data})
    job_id = sent["jobId"]
    failed = wait_for(client, job_id)

    def shown(*arguments: str) -> str:
        return cloud.workerless(*arguments).stdout

    told = [ask("GET", path)[1] for path in (f"/jobs/{job_id}", f"/queues/act/dead/{job_id}")]
    seen = [shown(*one, job_id) for one in (("jobs", "show"), ("dead", "show"))]
    asked = shown("jobs", "show", job_id, "--reveal")
    lines = [one for one in logged("act") if one.get("job_id") == job_id]

    assert failed.errors[-1].message == "as told: [redacted]"
    assert [one["data"]["hushed"] for one in told] == ["[redacted]"] * 2
    assert all("[redacted]" in one for one in seen)
    assert MARK not in json.dumps([told, seen, lines])
    assert MARK in asked
    assert lines
