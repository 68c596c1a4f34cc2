"""``on_shutdown`` in functions of the local cloud, which ends environments as Lambda does."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from workerless import State
from workerless.client import Client
from workerless.job_type import JobType

pytestmark = pytest.mark.local_cloud

_PATIENCE = timedelta(seconds=60)


def test_an_environment_that_is_ended_shuts_down_and_another_runs_the_next_job(
    cloud: Cloud, client: Client, job_types: dict[str, JobType[Any, Any]]
) -> None:
    act = job_types["act"]
    before = client.enqueue(act, act.payload(deed="tell_pid")).wait(_PATIENCE)
    assert before.result is not None
    pid = int(before.result.text)

    os.kill(pid, signal.SIGTERM)
    sign = cloud.directory / "tmp" / f"left-{pid}"
    give_up_at = time.monotonic() + 10
    while not sign.exists():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
    after = client.enqueue(act, act.payload(deed="tell_pid")).wait(_PATIENCE)

    assert after.state is State.COMPLETED
    assert after.result is not None
    assert int(after.result.text) != pid
    assert not Path(f"/proc/{pid}/exe").exists()
