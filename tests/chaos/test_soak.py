"""Many jobs while calls fail, answers are lost, messages double and processes die.

The seed is printed with every failure; ``make chaos SEED=... N=...`` plays it again.
"""

from collections import Counter

import pytest

from tests.chaos import history, script
from tests.chaos.cloud import Cloud
from tests.chaos.rules import kinds
from tests.chaos.soak import Soaked

pytestmark = pytest.mark.chaos

_ENDS = {"discard": "discarded", "fail": "failed"}


@pytest.fixture
def replay(soaked: Soaked) -> str:
    return f"make chaos SEED={soaked.plan.seed} N={soaked.plan.jobs} P={soaked.plan.probability}"


def test_every_job_ends_as_its_script_says(soaked: Soaked, replay: str) -> None:
    expected = {
        job_id: _ENDS.get(script.deed(soaked.plan.seed, number), "completed")
        for number, job_id in enumerate(soaked.job_ids)
    }

    assert _differences(soaked.states, expected) == {}, replay


def test_no_record_was_ever_changed_against_the_rules(
    soaked: Soaked, cloud: Cloud, replay: str
) -> None:
    ours = set(soaked.job_ids)
    changes = [change for change in cloud.changes() if change.job_id in ours]

    assert len({change.job_id for change in changes}) > soaked.plan.jobs / 10
    assert history.violations(changes) == [], replay


def test_no_job_was_completed_twice(soaked: Soaked, cloud: Cloud, replay: str) -> None:
    """A process may die before it tells; what is told was written."""
    told = cloud.told("job.completed")

    assert {job_id: times for job_id, times in told.items() if times > 1} == {}, replay
    assert {soaked.states[job_id] for job_id in told} == {"completed"}, replay
    # The emulator keeps the last ten thousand lines of a log, several of them a job's.
    assert len(told) > min(soaked.plan.jobs, 2_000) / 2, replay


def test_dead_letters_are_of_the_jobs_that_fail_and_of_no_other(
    soaked: Soaked, replay: str
) -> None:
    failing = {
        job_id
        for number, job_id in enumerate(soaked.job_ids)
        if script.deed(soaked.plan.seed, number) == "fail"
    }

    assert set(soaked.letters) == failing, replay


def test_completed_jobs_did_their_work(soaked: Soaked, replay: str) -> None:
    idle = [
        number
        for number, job_id in enumerate(soaked.job_ids)
        if soaked.states[job_id] == "completed" and "worked" not in soaked.lines[number]
    ]

    assert idle == [], replay


def test_the_weather_was_as_bad_as_promised(
    soaked: Soaked, replay: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A soak in which nothing went wrong proves nothing."""
    lines = Counter(line for one in soaked.lines for line in one)
    kills = sum(count for line, count in lines.items() if line.startswith("killed"))
    reached = {_kind(action) for call, action in soaked.faults if call == "UpdateItem"}

    with capsys.disabled():
        print(
            f"\nchaos: seed {soaked.plan.seed}, {soaked.plan.jobs} jobs in {soaked.seconds:.0f} s, "
            f"{sum(soaked.faults.values())} of {soaked.calls} calls faulted, {kills} kills in a "
            f"handler, {lines['started']} runs, messages {dict(soaked.meddled)}"
        )
    # The proxy calls an answer that is lost and one that is cut the same.
    assert len(reached) == len(kinds("dynamodb")) - 1, replay
    assert sum(soaked.faults.values()) > soaked.calls * soaked.plan.probability * 4, replay
    assert kills > soaked.plan.jobs * soaked.plan.kills / 3, replay
    assert "PutObject" in {call for call, _ in soaked.faults}, replay
    assert set(soaked.meddled) == {"refused", "lost", "echoed"}, replay


def _differences(got: dict[str, str], expected: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {
        job_id: (got.get(job_id, "no record"), state)
        for job_id, state in expected.items()
        if got.get(job_id) != state
    }


def _kind(action: str) -> str:
    """``latency:160ms`` is a kind, each duration is not."""
    return action.partition(":")[0] if action.startswith("latency") else action
