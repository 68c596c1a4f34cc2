"""``workerless flow simulate`` over a checkout."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.unit.cli import Terminal
from workerless.cli.flow_view import blocks

LIMITED = '''
from datetime import timedelta
from workerless import JobType, Payload, RateLimit

class Greet(Payload):
    """Greets somebody."""

    name: str

greet = JobType(
    name="greet", payload=Greet, rate_limits=(RateLimit(5, per=timedelta(seconds=1)),)
)
'''


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    terminal = Terminal(folder=tmp_path)
    (tmp_path / "functions" / "greet" / "job.py").write_text(LIMITED)
    return terminal


def test_people_see_waits_what_held_jobs_and_what_bounds_the_pace(terminal: Terminal) -> None:
    told = terminal.run("flow", "simulate", "greet", "--rate", "20", "--lasts", "30s")

    assert told.exit_code == 0
    assert "jobs started in" in told.stdout
    assert "rate limit greet" in told.stdout
    assert "5 of 5 in any 1 s" in told.stdout
    assert "held outside" in told.stdout


def test_programs_get_numbers(terminal: Terminal) -> None:
    told = terminal.run("flow", "simulate", "greet", "--rate", "2", "--seed", "3", "--json")

    report = json.loads(told.stdout)
    assert report["jobs"] == report["waits"]["jobs"] == sum(report["held"].values())
    assert {one["name"] for one in report["ceilings"]} == {"lane all", "rate limit greet"}


def test_a_drawing_is_a_picture_that_loads_nothing(terminal: Terminal) -> None:
    file = terminal.folder / "greet.svg"

    told = terminal.run("flow", "simulate", "greet", "--rate", "20", "--svg", str(file))

    assert told.exit_code == 0
    drawn = ET.parse(file)  # noqa: S314 -- our own
    assert drawn.getroot().tag.endswith("svg")
    assert "<script" not in file.read_text()
    assert "started a second" in file.read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rate", "-1"], "rate must be 0 or more"),
        (["--takes", "soon"], "--takes must be a duration with units"),
        (["--lane", "high"], "--lane must be NAME=SHARE"),
        (["--lane", "high=1"], "lanes must be of greet (all)"),
        (["--svg", "/no/such/folder/x.svg"], "--svg must be a file to write"),
    ],
)
def test_what_cannot_be_is_said(terminal: Terminal, options: list[str], message: str) -> None:
    told = terminal.run("flow", "simulate", "greet", *options)

    assert told.exit_code == 2
    assert message in told.stderr


def test_unknown_job_type_is_not_found(terminal: Terminal) -> None:
    assert terminal.run("flow", "simulate", "no_such").exit_code == 3


def test_blocks_are_as_high_as_what_they_stand_for() -> None:
    assert blocks([0, 1, 4, 8]) == " ▁▄█"
    assert blocks([]) == ""
    assert blocks([0, 0]) == "  "
    assert len(blocks(list(range(1_000)))) <= 60
