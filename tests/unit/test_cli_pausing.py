"""queues pause, resume and drain --pause: what is printed and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli_ward import WardTerminal


@pytest.fixture
def terminal(tmp_path: Path) -> WardTerminal:
    return WardTerminal(folder=tmp_path)


def told(done: Any) -> Any:
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_pause_says_until_when_and_everybody_sees_it(terminal: WardTerminal) -> None:
    now = terminal.ward.clock.now()
    paused = f"paused since {now:%Y-%m-%d} 00:00:00 until {now:%Y-%m-%d} 02:00:00 UTC by ada"

    shown = terminal.run("queues", "pause", "visit", "--why", "tax day", "--for", "2h")

    assert (shown.exit_code, shown.stdout) == (0, f"visit: {paused}: tax day\n")
    assert f"{paused}: tax day" in terminal.run("queues", "stats", "visit").stdout
    assert terminal.run("queues", "list").stdout.splitlines()[1].split()[-1] == "all"
    (visit,) = told(terminal.run("queues", "list", "--json"))["queues"]
    assert [(one["by"], one["tenant"], one["why"]) for one in visit["paused"]] == [
        ("ada", None, "tax day")
    ]


def test_resume_says_what_it_ended(terminal: WardTerminal) -> None:
    terminal.run("queues", "pause", "visit", "--why", "tax day")

    shown = terminal.run("queues", "resume", "visit", "--why", "over")
    again = terminal.run("queues", "resume", "visit")

    assert shown.stdout.startswith("visit: resumed; it was paused since")
    assert (again.exit_code, again.stderr) == (4, "workerless: visit is not paused\n")


def test_pauses_are_told_as_json(terminal: WardTerminal) -> None:
    paused = told(terminal.run("queues", "pause", "visit", "--why", "x", "--json"))
    resumed = told(terminal.run("queues", "resume", "visit", "--json"))

    assert (paused["name"], paused["until"]) == ("visit", None)
    assert resumed["ended"]["why"] == "x"


def test_nobody_pauses_without_a_reason(terminal: WardTerminal) -> None:
    assert terminal.run("queues", "pause", "visit").exit_code == 2
    assert terminal.run("queues", "pause", "visit", "--why", "").exit_code == 2
    assert terminal.run("queues", "pause", "nobody", "--why", "x").exit_code == 3


def test_drain_pauses_first_and_leaves_what_waits(terminal: WardTerminal) -> None:
    terminal.ward.stage.client.enqueue(terminal.ward.job_type, terminal.ward.payload(1))

    done = terminal.run("queues", "drain", "visit", "--pause", "migration", "--timeout", "1m")

    assert (done.exit_code, done.stdout) == (0, "no job of visit runs, 1 job waiting\n")
