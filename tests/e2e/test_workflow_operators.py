"""People with a running workflow on the local cloud: at the command line, and over HTTP."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.e2e.asking import Ask
from tests.e2e.cloud import Cloud
from tests.e2e.test_pause import run, until
from workerless import Workflow, chain, step
from workerless.client import Client
from workerless.errors import JobNotFoundError
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

type JobTypes = dict[str, JobType[Any, Any]]
type Begin = Callable[[str], str]

# Seconds until a job that was cancelled by itself is known to its workflow: two of the sweeper's
# rounds, on a busy machine.
SWEPT = 240


@pytest.fixture
def begin(client: Client, job_types: JobTypes) -> Begin:
    """Starts one under this id, and waits until it waits for a word; the id of the part it is in.

    An approval in a part, between a first step and a last.
    """
    milled, awaited = job_types["milled"], job_types["awaited"]
    flow = Workflow(
        "approved",
        step("first", milled.with_(n=1)),
        step("part", chain(milled.with_(n=5), awaited.with_()), after="first"),
        step("last", milled.with_(n=9), after="part"),
    )

    def start(workflow_id: str) -> str:
        client.start(flow, workflow_id=workflow_id)
        part = f"{workflow_id}.1:part"
        until(lambda: waits(client, f"{part}.1:awaited"), 120)
        return part

    return start


def waits(client: Client, job_id: str) -> bool:
    try:
        return client.job(job_id).status().failed_reason == "event:word"
    except JobNotFoundError:
        return False


def stands(told: Any) -> dict[str, tuple[str, int]]:
    return {one["name"]: (one["standing"], one["epoch"]) for one in told["steps"]}


def test_workflow_is_seen_drawn_and_goes_on_within_at_the_command_line(
    begin: Begin, cloud: Cloud, client: Client, tmp_path: Path
) -> None:
    def told(*arguments: str) -> Any:
        return json.loads(run(cloud, "workflows", *arguments, "--json"))

    part, drawn = begin("seen"), tmp_path / "seen.svg"

    listed = told("list")
    shown = run(cloud, "workflows", "show", "seen")
    tree = run(cloud, "workflows", "tree", "seen")
    run(cloud, "workflows", "picture", "seen", "-o", str(drawn))
    text = run(cloud, "workflows", "picture", "seen", "--mermaid")

    assert {"seen", part} <= {one["id"] for one in listed["workflows"]}
    assert "1 of 3 completed" in shown
    assert "awaited" in tree
    assert ET.parse(drawn).getroot().tag.endswith("svg")  # noqa: S314 -- ours
    # It tells how far it is as soon as it waits.
    assert re.search(r'\["awaited<br/>started(<br/>[^"]*)?"\]:::started', text)

    run(cloud, "cancel", f"{part}.1:awaited")
    until(lambda: told("show", "seen")["state"] == "failed", SWEPT)
    again = told("retry", "seen", "--why", "asked too early")
    until(lambda: waits(client, f"{part}.2:awaited"), 120)
    run(cloud, "jobs", "send-event", f"{part}.2:awaited", "word", '{"by": "grace"}')
    until(lambda: told("show", "seen")["state"] == "completed", 120)

    assert again["state"] == "running"
    assert stands(told("show", part)) == {"milled": ("completed", 1), "awaited": ("completed", 2)}
    assert "seen" in {one["id"] for one in told("list", "--state", "completed")["workflows"]}


def test_workflow_is_seen_cancelled_and_retried_from_a_step_over_http(
    begin: Begin, ask: Ask, client: Client
) -> None:
    part = begin("asked")

    _, listed = ask("GET", "/workflows?state=running&limit=200")
    _, shown = ask("GET", "/workflows/asked")
    _, tree = ask("GET", "/workflows/asked/tree")
    _, drawn = ask("GET", "/workflows/asked/picture")

    assert {"asked", part} <= {one["id"] for one in listed["workflows"]}
    assert stands(shown) == {
        "first": ("completed", 1),
        "part": ("started", 1),
        "last": ("waiting", 1),
    }
    assert tree["branches"][1]["part"]["branches"][1]["jobType"] == "awaited"
    assert "approved: running" in drawn

    status, _ = ask("POST", "/workflows/asked/cancel", {"why": "they withdrew"})
    until(lambda: ask("GET", "/workflows/asked")[1]["state"] == "cancelled", 120)
    refused, why = ask("POST", f"/workflows/{part}/retry", {})
    again, _ = ask("POST", "/workflows/asked/retry", {"steps": ["first"], "why": "they came back"})
    until(lambda: waits(client, "asked.2:part.1:awaited"), 120)

    assert (status, again) == (202, 202)
    assert (refused, "retry step 'part'" in why["message"]) == (409, True)
    assert stands(ask("GET", "/workflows/asked")[1])["first"] == ("completed", 2)
    client.job("asked.2:part.1:awaited").send_event("word", {"by": "grace"})
    until(lambda: ask("GET", "/workflows/asked")[1]["state"] == "completed", 120)
    verbs = {one["verb"] for one in ask("GET", "/audit")[1]["entries"]}
    assert {"cancel workflow", "retry workflow"} <= verbs
