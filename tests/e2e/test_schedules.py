"""A declared schedule on the local cloud: the emulator fires, ticks become jobs, jobs run."""

import time

import pytest

from workerless import State
from workerless.client import Client

pytestmark = pytest.mark.local_cloud


def test_each_minute_is_one_job_that_knows_its_tick(client: Client) -> None:
    give_up_at = time.monotonic() + 300
    ended = client.list("ticking", State.COMPLETED).records
    while len(ended) < 2 and time.monotonic() < give_up_at:
        time.sleep(1)
        ended = client.list("ticking", State.COMPLETED).records

    ids = [one.job_id for one in ended]
    assert len(ids) >= 2
    assert len(set(ids)) == len(ids)
    assert all(one.startswith("ticking-often:") and one.endswith("00Z") for one in ids)
    assert client.list("ticking", State.FAILED).records == ()
