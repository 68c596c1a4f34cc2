"""workerless cost: what it prints, of what; the page's example among it."""

import json
import re
from pathlib import Path

import pytest

from tests.unit.cli import Terminal

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cost.md"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(folder=tmp_path)


def test_example_of_the_page_is_what_is_printed(terminal: Terminal) -> None:
    said = re.search(r"```\n\$ workerless (cost[^\n]*)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert said is not None

    shown = terminal.run(*said[1].split())

    assert shown.exit_code == 0
    assert shown.output == said[2]
    assert terminal.connected == []  # nothing is asked of AWS


def test_parts_add_up_to_the_total(terminal: Terminal) -> None:
    told = json.loads(terminal.run("--json", "cost", "--jobs", "5000000").output)

    assert told["total"] == pytest.approx(sum(part["dollars"] for part in told["parts"]), abs=0.01)


def test_job_types_are_those_of_the_checkout_unless_said(
    terminal: Terminal, tmp_path: Path
) -> None:
    declared = terminal.run("cost", "--jobs", "0").output
    outside = Terminal(folder=tmp_path / "elsewhere")

    assert "1 job types" in declared
    assert "7 job types" in outside.run("cost", "--types", "7").output


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--takes", "long"], "--takes"),
        (["--jobs", "-1"], "--jobs"),
        (["--alarms", "loud"], "--alarms"),
    ],
)
def test_what_cannot_be_is_refused(terminal: Terminal, arguments: list[str], named: str) -> None:
    refused = terminal.run("cost", *arguments)

    assert refused.exit_code == 2
    assert named in refused.output
