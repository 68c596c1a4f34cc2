"""Lanes on the command line: jobs enqueued into them, and their numbers."""

import json
from pathlib import Path

import pytest

from tests.unit.cli_ward import DECLARATION, WardTerminal
from tests.unit.operations.ward import Ward, a_job_type
from workerless import PRIORITIES


@pytest.fixture
def terminal(tmp_path: Path) -> WardTerminal:
    terminal = WardTerminal(folder=tmp_path)
    terminal.ward = Ward(a_job_type(lanes=PRIORITIES, concurrency=8))
    declared = DECLARATION.replace("JobType, ", "PRIORITIES, JobType, ").replace(
        "payload=Patient", "payload=Patient, lanes=PRIORITIES, concurrency=8"
    )
    (tmp_path / "functions" / "greet" / "job.py").write_text(declared)
    return terminal


@pytest.mark.parametrize("option", ["--priority=critical", "--priority=1", "--lane=critical"])
def test_job_goes_into_the_lane_that_is_named(terminal: WardTerminal, option: str) -> None:
    done = terminal.run("enqueue", "visit", '{"number": 1}', option)

    assert done.exit_code == 0, done.stderr
    shown = terminal.run("queues", "stats", "visit").stdout
    assert "lane critical: 1 waiting, 0 active, 0 delayed" in shown
    assert "lane normal: 0 waiting" in shown
    told = json.loads(terminal.run("queues", "stats", "visit", "--json").stdout)
    assert told["lanes"]["critical"] == {"waiting": 1, "active": 0, "delayed": 0}
    terminal.ward.cure()
    terminal.ward.stage.drain()
    (record,) = terminal.ward.records()
    assert "lane        critical" in terminal.run("jobs", "show", record.job_id).stdout


def test_lane_that_there_is_not_is_refused(terminal: WardTerminal) -> None:
    done = terminal.run("enqueue", "visit", '{"number": 1}', "--priority", "2")

    assert done.exit_code != 0
    assert "critical (1), high (5), normal (10), low (20), got 2" in " ".join(done.stderr.split())
