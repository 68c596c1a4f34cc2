"""Processes that die on the local cloud; `crashes.py` set them going."""

import time
from datetime import timedelta
from statistics import median
from typing import Any

import pytest

from tests.e2e.crashes import PARKED, Crashes
from workerless import State
from workerless.client import Client
from workerless.handle import JobStatus

pytestmark = [pytest.mark.local_cloud, pytest.mark.last]

_PATIENCE = timedelta(minutes=5)


def seconds_late(ended: list[JobStatus[Any]]) -> list[float]:
    return [(one.started_at - one.run_at).total_seconds() for one in ended if one.started_at]


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


def test_parked_jobs_run_at_their_times(
    crashes: Crashes, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = [job.wait(_PATIENCE * 4) for job in crashes.parked]
    beside = [job.wait(_PATIENCE * 4) for job in crashes.beside]

    assert {one.state for one in ended} == {State.COMPLETED}
    late, usual = seconds_late(ended), seconds_late(beside)
    with capsys.disabled():
        print(
            f" {len(late)} jobs late by {median(late):.2f} s, the last by {max(late):.1f} s, those "
            f"that SQS delayed by {median(usual):.2f} s ",
            end="",
        )
    assert len(late) == len(ended)
    assert min(late) >= 0
    # Another test may have a thousand jobs in this queue just then: all of it stands in that line.
    # Of thousands of these, those that SQS delayed come before the line or behind it.
    assert median(late) < median(usual) + 2 or PARKED > 500


def test_job_that_must_not_be_repeated_is_held_and_runs_on_a_persons_word(
    crashes: Crashes, client: Client
) -> None:
    give_up_at = time.monotonic() + _PATIENCE.total_seconds()
    while crashes.cautious.status().state is not State.HELD and time.monotonic() < give_up_at:
        time.sleep(1)
    held = crashes.cautious.status()
    assert (held.state, held.failed_reason, held.attempt) == (State.HELD, "unknown_outcome", 0)

    client.promote(crashes.cautious.id)

    assert crashes.cautious.wait(_PATIENCE).state is State.COMPLETED


def test_job_whose_message_is_gone_is_sent_again_by_the_scheduled_sweeper(
    crashes: Crashes,
) -> None:
    ended = crashes.forgotten.wait(_PATIENCE)

    assert (ended.state, ended.attempt) == (State.COMPLETED, 1)
    assert ended.started_at is not None
    # 90 s after it should have run it is due, and the sweeper comes each minute.
    assert ended.started_at - ended.run_at < timedelta(minutes=3)


def test_job_that_never_started_comes_back_from_the_dead_letters(
    client: Client, crashes: Crashes
) -> None:
    ended = client.job(crashes.unstarted).wait(_PATIENCE)

    assert (ended.state, ended.attempt) == (State.COMPLETED, 1)
