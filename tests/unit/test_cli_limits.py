"""limits list, set and clear: what is printed and how it ends."""

import json
from pathlib import Path

import pytest

from tests.unit.cli_ward import WardTerminal


@pytest.fixture
def terminal(tmp_path: Path) -> WardTerminal:
    return WardTerminal(folder=tmp_path)


def test_limit_is_set_listed_and_cleared(terminal: WardTerminal) -> None:
    terminal.ward.declared.clear()
    unchanged = terminal.run("limits", "list")
    done = terminal.run("limits", "set", "keys:visit", "3", "--why", "slow today")
    shown = terminal.run("limits", "list").stdout.splitlines()
    cleared = terminal.run("limits", "clear", "keys:visit")
    again = terminal.run("limits", "clear", "keys:visit")

    assert unchanged.stderr == "all limits are as they were declared\n"
    assert (done.exit_code, done.stdout) == (0, "keys:visit is 3\n")
    assert shown[1].split()[0] == "keys:visit"
    assert shown[1].endswith("slow today")
    assert cleared.stdout == "keys:visit is as it was declared; it was 3\n"
    assert again.exit_code == 4


def test_limits_are_told_as_json(terminal: WardTerminal) -> None:
    terminal.ward.declared.clear()
    command = ("limits", "set", "rate:visit", "3", "--per", "2m", "--why", "x", "--json")

    done = json.loads(terminal.run(*command).stdout)
    (listed,) = json.loads(terminal.run("limits", "list", "--json").stdout)["limits"]
    ended = json.loads(terminal.run("limits", "clear", "rate:visit", "--json").stdout)["ended"]

    assert (done["name"], done["limit"], done["perMs"], done["by"]) == (
        "rate:visit",
        3,
        120_000,
        "ada",
    )
    assert listed == done
    assert ended == {name: value for name, value in done.items() if name != "name"}
    assert terminal.run("limits", "set", "rate:visit", "3").exit_code == 2
