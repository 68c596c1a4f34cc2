"""releases list and back: what is printed, what is asked, and how it ends."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.cli_ward import WardTerminal

BACK = ("releases", "back", "visit", "--why", "bad release")


@pytest.fixture
def terminal(tmp_path: Path) -> WardTerminal:
    terminal = WardTerminal(folder=tmp_path)
    for _ in range(3):
        terminal.ward.aliases.deploy(function_of(terminal))
    return terminal


def function_of(terminal: WardTerminal) -> str:
    return terminal.ward.desk.directory.find("visit").function


def live(terminal: WardTerminal) -> int:
    return terminal.ward.aliases.functions[function_of(terminal)].live


def test_versions_are_listed_the_latest_first(terminal: WardTerminal) -> None:
    heading, *rows = terminal.run("releases", "list", "visit").stdout.splitlines()

    assert heading.split() == ["version", "published", "(UTC)", "live", "timeout", "memory", "code"]
    assert rows[0].split() == [
        *("3", "2026-11-01", "03:00:00", "100%", "60", "s", "256", "MB", "digest-3")
    ]
    assert [row.split()[0] for row in rows] == ["3", "2", "1"]


def test_list_is_cut_but_for_what_is_live(terminal: WardTerminal) -> None:
    terminal.run(*BACK, "--version", "1", "--yes")

    _, *rows = terminal.run("releases", "list", "visit", "--limit", "1").stdout.splitlines()

    assert [row.split()[0] for row in rows] == ["3", "1"]


def test_canary_is_listed_with_its_share_and_its_deployment(terminal: WardTerminal) -> None:
    aliases, function = terminal.ward.aliases, function_of(terminal)
    aliases.functions[function] = replace(
        aliases.functions[function], live=2, shares={3: 0.1}, deployment="d-7"
    )

    lines = terminal.run("releases", "list", "visit").stdout.splitlines()
    told = json.loads(terminal.run("releases", "list", "visit", "--json").stdout)
    refused = terminal.run(*BACK, "--yes")

    assert ("10%" in lines[1], "90%" in lines[2]) == (True, True)
    assert lines[-1] == "CodeDeploy moves live now: d-7"
    assert (told["live"], told["deployment"]) == (2, "d-7")
    assert [(one["version"], one["share"]) for one in told["versions"]] == [
        *((3, 0.1), (2, 0.9), (1, 0.0))
    ]
    assert (refused.exit_code, "--deployment-id d-7" in refused.stderr) == (4, True)


def test_going_back_is_asked_and_told(terminal: WardTerminal) -> None:
    terminal.is_terminal = True

    refused = terminal.run(*BACK, stdin="n\n")
    assert (refused.exit_code, live(terminal)) == (1, 3)
    done = terminal.run(*BACK, stdin="y\n")

    assert "have version 2 run the jobs of visit?" in refused.stderr
    assert (done.exit_code, live(terminal)) == (0, 2)
    assert done.stdout.splitlines()[-2:] == [
        f"version 2 of {function_of(terminal)} is live; it was 3",
        f"the next deployment that changes {function_of(terminal)} moves live to what it deploys",
    ]


def test_nobody_there_to_ask_is_refused(terminal: WardTerminal) -> None:
    done = terminal.run(*BACK)

    assert (done.exit_code, live(terminal)) == (2, 3)
    assert "add --yes" in done.stderr


def test_going_back_is_told_as_json(terminal: WardTerminal) -> None:
    done = terminal.run(*BACK, "--yes", "--json")

    assert json.loads(done.stdout) == {
        "function": function_of(terminal),
        "jobTypes": ["visit"],
        "was": [3],
        "version": 2,
    }


def test_version_that_is_not_there_is_refused(terminal: WardTerminal) -> None:
    done = terminal.run(*BACK, "--version", "9", "--yes")

    assert done.exit_code == 2
    assert "got 9" in done.stderr
