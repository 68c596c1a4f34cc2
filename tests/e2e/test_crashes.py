"""Processes that die on the local cloud; `crashes.py` set them going."""

from datetime import timedelta

import pytest

from tests.e2e.crashes import Crashes
from workerless import State

pytestmark = [pytest.mark.local_cloud, pytest.mark.last]

_PATIENCE = timedelta(minutes=5)


def test_job_whose_process_was_killed_runs_again_and_completes_once(crashes: Crashes) -> None:
    ended = crashes.killed.wait(_PATIENCE)

    assert ended.state is State.COMPLETED
    assert ended.attempt == 2
    assert ended.result is not None
    assert ended.result.attempt == 2


def test_job_that_kills_its_process_fails_and_its_neighbours_complete(crashes: Crashes) -> None:
    neighbours = [job.wait(_PATIENCE) for job in crashes.neighbours]
    killer = crashes.killer.wait(_PATIENCE)

    assert (killer.state, killer.failed_reason) == (State.FAILED, "crash_loop")
    assert {one.state for one in neighbours} == {State.COMPLETED}
    assert {one.attempt for one in neighbours} == {1}


def test_job_whose_message_is_gone_is_sent_again_by_the_scheduled_sweeper(
    crashes: Crashes,
) -> None:
    ended = crashes.forgotten.wait(_PATIENCE)

    assert (ended.state, ended.attempt) == (State.COMPLETED, 1)
    assert ended.started_at is not None
    # 90 s after it should have run it is due, and the sweeper comes each minute.
    assert ended.started_at - ended.run_at < timedelta(minutes=3)
