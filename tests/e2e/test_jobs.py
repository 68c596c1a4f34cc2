"""Jobs on the local cloud, through the client and through plain SQS."""

import time
from datetime import timedelta
from statistics import median
from typing import Any

import pytest

from tests.e2e.seen import logged
from workerless import State
from workerless.client import Client
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

type JobTypes = dict[str, JobType[Any, Any]]

DEEDS = {
    "return": (State.COMPLETED, None, 1),
    "raise": (State.FAILED, "attempts_exhausted", 2),
    "raise_once": (State.COMPLETED, None, 2),
    "discard": (State.DISCARDED, "not wanted", 1),
    "fail": (State.FAILED, "rejected", 1),
    "base_exception": (State.FAILED, "attempts_exhausted", 2),
    "system_exit": (State.FAILED, "attempts_exhausted", 2),
    "loop": (State.FAILED, "attempts_exhausted", 2),
    "recurse": (State.FAILED, "attempts_exhausted", 2),
    "wrong_result": (State.FAILED, "invalid_result", 1),
}


def test_every_deed_ends_as_documented_and_harms_no_neighbour(
    client: Client, job_types: JobTypes
) -> None:
    act = job_types["act"]
    deeds = [*DEEDS, *["return"] * len(DEEDS)]
    jobs = client.enqueue_many(
        act, [act.payload(deed=deed, text=f"{number}") for number, deed in enumerate(deeds)]
    )

    ended = [job.wait(timedelta(seconds=90)) for job in jobs]

    found = [(one.state, one.failed_reason, one.attempt) for one in ended]
    assert dict(zip(deeds, found, strict=True)) == DEEDS
    assert found[len(DEEDS) :] == [DEEDS["return"]] * len(DEEDS)


def test_async_jobs_wait_together_and_misbehave_alone(client: Client, job_types: JobTypes) -> None:
    act = job_types["act_async"]
    payloads = [
        *[act.payload(seconds=1.0) for _ in range(7)],
        act.payload(deed="raise"),
        act.payload(deed="system_exit"),
        act.payload(deed="sleep_for_ever"),
    ]
    jobs = client.enqueue_many(act, payloads)

    ended = [job.wait(timedelta(seconds=60)) for job in jobs]

    assert [one.state for one in ended] == [State.COMPLETED] * 7 + [State.FAILED] * 3
    assert ended[-1].errors[-1].error_type == "SoftTimeout"
    spans: list[Any] = [one.result for one in ended[:7]]
    # Seven waits of a second each: one after another they would take seven seconds.
    assert max(span.ended for span in spans) - min(span.started for span in spans) < 7


def test_thousand_jobs_are_each_completed_once(
    client: Client, job_types: JobTypes, capsys: pytest.CaptureFixture[str]
) -> None:
    noop = job_types["noop"]
    began = time.monotonic()
    jobs = client.enqueue_many(noop, [noop.payload(number=number) for number in range(1000)])
    sent = time.monotonic()

    ended = [job.wait(timedelta(seconds=120)) for job in jobs]

    done = time.monotonic()
    with capsys.disabled():
        print(
            f" enqueued {1000 / (sent - began):.0f}/s, done {1000 / (done - began):.0f}/s ", end=""
        )
    assert {one.state for one in ended} == {State.COMPLETED}
    assert {one.attempt for one in ended} == {1}
    ids = {job.id for job in jobs}
    lines = [line for line in logged(noop.name) if line.get("message") == "job.completed"]
    completed = [str(line["job_id"]) for line in lines if line["job_id"] in ids]
    assert sorted(completed) == sorted(ids)


def test_same_idempotency_key_is_one_job(client: Client, job_types: JobTypes) -> None:
    act = job_types["act"]
    payload = act.payload(deed="return", text="once")
    jobs = [client.enqueue(act, payload, idempotency_key="key-1") for _ in range(3)]

    ended = [job.wait(timedelta(seconds=60)) for job in jobs]

    assert len({job.id for job in jobs}) == 1
    assert [job.is_duplicate for job in jobs] == [False, True, True]
    assert {one.attempt for one in ended} == {1}


def test_step_that_was_done_is_not_repeated(client: Client, job_types: JobTypes) -> None:
    act = job_types["act"]

    ended = client.enqueue(act, act.payload(deed="step")).wait(timedelta(seconds=60))

    assert ended.result is not None
    assert (ended.result.text, ended.result.attempt) == ("done in attempt 1", 2)


def test_delays_are_exact_to_two_seconds(client: Client, job_types: JobTypes) -> None:
    noop = job_types["noop"]
    warm = client.enqueue_many(noop, [noop.payload(number=number) for number in range(100)])
    for job in warm:  # a cold start is no part of a delay
        job.wait(timedelta(seconds=90))
    delays = [timedelta(seconds=1 + number / 4) for number in range(24)]
    jobs = [
        client.enqueue(noop, noop.payload(number=number), delay=delay)
        for number, delay in enumerate(delays)
    ]

    ended = [job.wait(timedelta(seconds=60)) for job in jobs]

    late = [(one.started_at - one.run_at).total_seconds() for one in ended if one.started_at]
    assert len(late) == len(jobs)
    assert min(late) >= 0
    assert median(late) < 2  # a busy machine may be late for a few


def test_delayed_job_waits_and_cancelled_job_never_runs(
    client: Client, job_types: JobTypes
) -> None:
    act = job_types["act"]
    delayed = client.enqueue(act, act.payload(deed="return"), delay=timedelta(seconds=3))
    cancelled = client.enqueue(act, act.payload(deed="raise"), delay=timedelta(seconds=2))
    assert delayed.status().state is State.SCHEDULED

    cancelled.cancel("changed our mind")
    ended = delayed.wait(timedelta(seconds=60))

    assert ended.started_at is not None
    assert ended.started_at - ended.enqueued_at >= timedelta(seconds=3)
    assert cancelled.status().state is State.CANCELLED
    assert (cancelled.status().attempt, cancelled.status().failed_reason) == (
        0,
        "changed our mind",
    )
