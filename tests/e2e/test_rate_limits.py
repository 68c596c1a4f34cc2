"""A rate limit on the local cloud: real queues, real processes, one item of the table."""

import time
from datetime import timedelta
from typing import Any

import pytest

from workerless import State
from workerless.client import Client
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

_COUNT, _RATE = 300, 30


def test_jobs_are_drained_at_their_limit_and_never_faster(
    client: Client, job_types: dict[str, JobType[Any, Any]]
) -> None:
    metered = job_types["metered"]
    began = time.time()

    jobs = client.enqueue_many(metered, [metered.payload(number=n) for n in range(_COUNT)])
    ended = [job.wait(timedelta(minutes=2)) for job in jobs]

    assert {one.state for one in ended} == {State.COMPLETED}
    assert {one.attempt for one in ended} == {1}
    starts = sorted(one.result.at for one in ended if one.result is not None)
    assert len(starts) == _COUNT
    assert all(later - early >= 1 for early, later in zip(starts, starts[_RATE:], strict=False)), (
        "more than the limit in a second"
    )
    ideal = _COUNT / _RATE
    print(f"{_COUNT} jobs at {_RATE} a second: {starts[-1] - starts[0]:.1f} s, ideal {ideal:.1f} s")
    print(f"the last started {starts[-1] - began:.1f} s after the first was enqueued")
    # Two cores play workers, cloud and tests at once; alone it is within a tenth of the ideal.
    assert starts[-1] - starts[0] < 3 * ideal
