"""Concurrency keys on the local cloud: one at a time, woken one after another, none left behind."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from workerless import State
from workerless.client import Client
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

ACCOUNTS, JOBS, RUN = ("a", "b"), 10, 0.2
# Seconds until a worker has received the message that wakes a job.
WAKE = 3.0
MINUTE = timedelta(minutes=1)


def test_jobs_of_an_account_run_one_after_another_without_a_pause(
    client: Client, job_types: dict[str, JobType[Any, Any]]
) -> None:
    keyed = job_types["keyed"]
    warm = keyed.payload(account="warm", number=0, seconds=0)
    client.enqueue(keyed, warm).wait(MINUTE)

    payloads = [
        keyed.payload(account=account, number=number, seconds=RUN)
        for number in range(JOBS)
        for account in ACCOUNTS
    ]
    jobs = client.enqueue_many(keyed, payloads)
    ended = [job.wait(MINUTE) for job in jobs]

    assert {one.state for one in ended} == {State.COMPLETED}
    assert {one.attempt for one in ended} == {1}
    for account in range(len(ACCOUNTS)):
        results = [one.result for one in ended[account :: len(ACCOUNTS)]]
        runs = sorted((one.began, one.ended) for one in results if one is not None)
        gaps = [later - earlier for (_, earlier), (later, _) in pairwise(runs)]
        took = runs[-1][1] - runs[0][0]
        print(f"{JOBS} jobs of an account took {took:.1f} s, gaps {min(gaps):.3f}..{max(gaps):.3f}")
        assert len(runs) == JOBS
        assert min(gaps) >= 0
        assert took < JOBS * (RUN + WAKE)
