"""queues and health: what is printed and how it ends."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli_ward import WardTerminal
from tests.unit.operations.ward import LOOSE, Ward
from workerless.flow.autoscale import Autoscale, Scale
from workerless.states import State


@pytest.fixture
def terminal(tmp_path: Path) -> WardTerminal:
    return WardTerminal(folder=tmp_path)


def told(done: Any) -> Any:
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def enqueue(terminal: WardTerminal, number: int) -> None:
    lines = "".join(f'{{"number": {n}}}\n' for n in range(number))
    assert terminal.run("enqueue", "visit", "-", "--lines", stdin=lines).exit_code == 0


def test_queues_are_listed_with_their_counts(terminal: WardTerminal) -> None:
    terminal.ward.kill(2)

    shown = terminal.run("queues", "list").stdout.splitlines()
    (visit,) = told(terminal.run("queues", "list", "--json"))["queues"]

    headings = "job type waiting active delayed completed failed held paused"
    assert shown[0].split() == headings.split()
    assert shown[1].split() == ["visit", "0", "0", "0", "0", "2", "0"]
    assert (visit["name"], visit["failed"], visit["at_least"]) == ("visit", 2, [])


def test_jobs_of_one_type_are_counted(terminal: WardTerminal) -> None:
    terminal.ward.kill(2)

    assert "failed      2" in terminal.run("queues", "stats", "visit").stdout
    assert told(terminal.run("queues", "stats", "visit", "--json"))["failed"] == 2
    assert terminal.run("queues", "stats", "nothing").exit_code == 3


def test_bound_of_a_scaled_job_type_is_shown(terminal: WardTerminal) -> None:
    terminal.ward.stage.doubles.directory.scale("visit", Scale(rule=Autoscale(), most=20))

    shown = terminal.run("queues", "stats", "visit").stdout
    found = told(terminal.run("queues", "stats", "visit", "--json"))["at_once"]

    assert "at once     5 invocations, between 2 and 20" in shown
    assert found == {"now": 5, "least": 2, "most": 20}


def test_jobs_of_one_type_are_measured(terminal: WardTerminal) -> None:
    terminal.ward.kill(11)

    shown = terminal.run("queues", "metrics", "visit").stdout
    measured = told(terminal.run("queues", "metrics", "visit", "--json"))

    assert "error rate  100.0%" in shown
    assert "p95" in shown
    assert (measured["errorRate"], measured["samples"]) == (1.0, 11)
    assert set(measured["latency"]) == {"avg", "p50", "p95", "p99"}


def test_few_jobs_have_no_error_rate(terminal: WardTerminal) -> None:
    assert "error rate  too few to say" in terminal.run("queues", "metrics", "visit").stdout


def test_job_type_that_is_not_fully_tracked_is_not_measured(tmp_path: Path) -> None:
    terminal = WardTerminal(folder=tmp_path)
    terminal.ward = Ward(LOOSE)

    shown = terminal.run("queues", "metrics", "visit")

    assert (shown.exit_code, shown.exception) == (0, None)
    assert "throughput  -" in shown.stdout


def test_purge_asks_with_the_count_and_cancels_what_waits(terminal: WardTerminal) -> None:
    enqueue(terminal, 3)
    terminal.ward.clock.advance(timedelta(seconds=1))

    nobody = terminal.run("queues", "purge", "visit", "--why", "by mistake")
    done = terminal.run("queues", "purge", "visit", "--why", "by mistake", "--yes", "--detach")

    assert (nobody.exit_code, done.exit_code) == (2, 0)
    assert "cancel about 3 jobs of type visit?" in nobody.stderr
    name = done.stdout.strip()
    terminal.ward.drive()
    assert told(terminal.run("operations", "show", name, "--json"))["kind"] == "cancel"
    assert terminal.ward.states() == {State.CANCELLED: 3}


def test_drain_waits_for_the_end(terminal: WardTerminal) -> None:
    done = terminal.run("queues", "drain", "visit")

    assert (done.exit_code, done.stdout) == (0, "no job of visit waits or runs\n")
    assert told(terminal.run("queues", "drain", "visit", "--json")) == {
        "name": "visit",
        "waiting": 0,
        "delayed": 0,
    }


def test_drain_that_takes_too_long_ends_with_seven(terminal: WardTerminal) -> None:
    enqueue(terminal, 1)

    late = terminal.run("queues", "drain", "visit", "--timeout", "3s")

    assert late.exit_code == 7
    assert "1 waiting" in late.stderr


def test_stage_that_works_is_healthy(terminal: WardTerminal) -> None:
    terminal.ward.desk.pulses.beat(terminal.ward.clock.now())

    shown = terminal.run("health")
    shape = told(terminal.run("health", "--json"))

    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "healthy     yes" in shown.stdout
    assert (shape["healthy"], shape["queues"][0]["name"]) == (True, "visit")


def test_job_type_that_fails_too_often_is_not_healthy(terminal: WardTerminal) -> None:
    terminal.ward.kill(11)

    shown = terminal.run("health")
    shape = json.loads(terminal.run("health", "--json").stdout)

    assert shown.exit_code == 4
    assert "healthy     no" in shown.stdout
    assert "heartbeat   none yet" in shown.stdout
    assert "active      0\nprocessed   0\nfailed      11\n" in shown.stdout
    assert "visit fails too often" in shown.stderr
    assert (shape["healthy"], shape["failedJobs"]) == (False, 11)


def test_mapping_that_is_off_is_named(terminal: WardTerminal) -> None:
    platform: Any = terminal.ward.desk.platform
    address = terminal.ward.desk.directory.find("visit")
    sound = platform.job_type(address)
    platform.job_types["visit"] = replace(sound, mappings=())

    shown = terminal.run("health")

    assert shown.exit_code == 4
    assert "not ready   mapping visit: there is none" in shown.stdout
    assert "stage test is not healthy: mapping visit, no heartbeat" in shown.stderr
