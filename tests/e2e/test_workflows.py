"""Workflows and batches on the local cloud, with nothing but the client."""

from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.test_pause import until
from workerless import State, Workflow, chain, chord, group, result_of, step, summary_of_batch
from workerless.client import Client
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

type JobTypes = dict[str, JobType[Any, Any]]
MINUTES = timedelta(minutes=3)


def test_chain_hands_each_result_on(client: Client, job_types: JobTypes) -> None:
    milled = job_types["milled"]

    run = client.start(chain(milled.with_(n=1), milled, milled), tenant="acme")

    assert run.wait(MINUTES).state == "completed"
    assert run.result() == {"n": 4}
    assert client.job(f"{run.id}.1:milled_3").status().tenant == "acme"


@pytest.mark.parametrize("members", [100, 400])
def test_chord_calls_back_once_with_all_results(
    members: int, client: Client, job_types: JobTypes
) -> None:
    milled, packed = job_types["milled"], job_types["packed"]
    parts = [milled.with_(n=n) for n in range(members)]

    run = client.start(chord(parts, packed.with_(ns=result_of().n)))

    assert run.wait(MINUTES).state == "completed"
    assert run.result() == {"total": members * (members + 1) // 2}


def test_failed_workflow_makes_good_what_it_did_and_can_be_retried(
    client: Client, job_types: JobTypes
) -> None:
    milled = job_types["milled"]
    inner = chain(step("in", milled.with_(n=result_of("first").n), compensate=milled.with_(n=-2)))
    flow = Workflow(
        "order",
        step("first", milled.with_(n=1), compensate=milled.with_(n=-1)),
        step("part", group(inner, milled.with_(n=5))),
        step("bad", milled.with_(n=0, fails=True), after="part", compensate=milled.with_(n=-3)),
    )

    run = client.start(flow)

    status = run.wait(MINUTES)
    assert (status.state, status.failed, status.not_compensated) == ("failed", 1, ())
    undone = [f"{run.id}.1:bad-undo", f"{run.id}.1:first-undo"]
    first, last = (client.job(one).status() for one in undone)
    inside = client.workflow(f"{run.id}.1:part.1:chain").status()
    assert inside.steps[0].compensation == "completed"
    times = [first.finished_at, inside.ended_at, last.started_at]
    assert times == sorted(time for time in times if time is not None)
    run.retry()
    assert run.wait(MINUTES).state == "failed"
    assert {one.epoch for one in run.status().steps} == {2}


def test_batch_that_grows_calls_back_once(client: Client, job_types: JobTypes) -> None:
    milled, packed = job_types["milled"], job_types["packed"]
    told = packed.with_(ns=[summary_of_batch().total, summary_of_batch().failed])

    with client.batch("grains", on_success=told, on_completion=told) as batch:
        batch.add_many(milled, [milled.payload(n=n) for n in range(250)])
        batch.add(milled, milled.payload(n=0, fails=True))

    status = batch.wait(MINUTES)
    assert (status.state, status.total, status.failed) == ("completed_with_errors", 251, 1)
    called = client.job(f"{batch.id}.1:on_completion").wait(MINUTES)
    assert called.result == {"total": 252}


def test_cancelled_workflow_calls_off_what_waits(client: Client, job_types: JobTypes) -> None:
    milled = job_types["milled"]
    later = milled.with_(n=2).options(delay=timedelta(hours=1))
    run = client.start(chain(milled.with_(n=1), later))
    until(lambda: [one.standing for one in run.status().steps] == ["completed", "started"], 60)

    run.cancel("enough")

    assert run.wait(MINUTES).state == "cancelled"
    assert client.job(f"{run.id}.1:milled_2").status().state == "cancelled"


def test_members_add_members_each_once(client: Client, job_types: JobTypes) -> None:
    branching = job_types["branching"]

    with client.batch("a tree") as batch:
        batch.add(branching, branching.payload(height=3, dies_once=True))

    status = batch.wait(MINUTES)
    assert (status.state, status.total, status.completed) == ("completed", 15, 15)


def test_members_that_add_members_for_ever_are_stopped(client: Client, job_types: JobTypes) -> None:
    branching = job_types["branching"]

    with client.batch("a tree that never ends") as batch:
        root = batch.add(branching, branching.payload(height=5))

    status = batch.wait(MINUTES)
    assert (status.state, status.total) == ("completed_with_errors", 1 + 2 + 4 + 8 + 16)
    assert status.failed == 16
    assert root.status().state == "completed"
    refused = client.list("branching", State.FAILED, limit=50).records[0]
    assert "depth of jobs of branching must be at most 4, got 5" in refused.errors[-1].message
