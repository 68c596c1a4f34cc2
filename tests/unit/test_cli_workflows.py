"""workflows: what is printed, asked and written."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli_ward import WardTerminal
from tests.unit.operations.rounds import a_round, start
from tests.unit.operations.ward import DEAD


@pytest.fixture
def terminal(tmp_path: Path) -> WardTerminal:
    """One round failed with the third patient."""
    made = WardTerminal(folder=tmp_path)
    made.ward.is_ill = lambda number: number == 3
    start(made.ward, "r-1")
    return made


def told(done: Any) -> Any:
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_list_has_a_line_for_each_in_that_state(terminal: WardTerminal) -> None:
    shown = terminal.run("workflows", "list", "--state", "failed")

    heading, *rows = shown.stdout.splitlines()
    assert heading.split()[:2] == ["id", "name"]
    assert any(row.startswith("r-1 ") and "  round " in row for row in rows)
    found = told(terminal.run("workflows", "list", "--state", "failed", "--json"))
    assert ("r-1", "failed") in {(one["id"], one["state"]) for one in found["workflows"]}


def test_list_goes_on_where_a_page_ended(terminal: WardTerminal) -> None:
    first = terminal.run("workflows", "list", "--state", "failed", "--limit", "1")

    cursor = first.stderr.split("'")[1]
    more = terminal.run("workflows", "list", "--state", "failed", "--cursor", cursor)
    assert more.exit_code == 0
    assert len(more.stdout.splitlines()) == 2


def test_unknown_state_is_refused_with_those_there_are(terminal: WardTerminal) -> None:
    done = terminal.run("workflows", "list", "--state", "dead")

    assert done.exit_code == 2
    assert "completed_with_errors" in done.stderr


def test_show_tells_each_step_and_its_compensation(terminal: WardTerminal) -> None:
    lines = terminal.run("workflows", "show", "r-1").stdout.splitlines()

    assert lines[2].split() == ["state", "failed"]
    assert lines[-2].split() == ["first", "completed", *lines[-2].split()[2:]]
    assert "completed" in lines[-2].split()[5:]
    assert lines[-1].startswith("room ")
    assert lines[-1].endswith("r-1.1:room")
    assert told(terminal.run("workflows", "show", "r-1", "--json"))["state"] == "failed"


def test_tree_shows_what_is_within(terminal: WardTerminal) -> None:
    lines = terminal.run("workflows", "tree", "r-1").stdout.splitlines()

    assert lines[0] == "round  failed, 1 of 2 completed, 1 failed"
    assert lines[1].startswith("├─ first  completed, compensation completed  r-1.1:first")
    assert lines[2].startswith("└─ room   failed, 1 of 2 completed, 1 failed  r-1.1:room")
    assert lines[3].startswith("   ├─ ")
    assert lines[4].startswith("   └─ ")
    assert told(terminal.run("workflows", "tree", "r-1", "--json"))["branches"][1]["part"]


def test_picture_is_printed_or_written(terminal: WardTerminal, tmp_path: Path) -> None:
    printed = terminal.run("workflows", "picture", "r-1").stdout
    terminal.run("workflows", "picture", "r-1", "-o", str(tmp_path / "p.svg"))
    text = terminal.run("workflows", "picture", "r-1", "--mermaid").stdout

    assert printed.startswith("<svg ")
    assert (tmp_path / "p.svg").read_text() == printed
    assert text.startswith("flowchart LR\n")
    as_json = told(terminal.run("workflows", "picture", "r-1", "--json"))
    assert as_json == {"picture": printed}


def test_picture_that_cannot_be_written_says_so(terminal: WardTerminal, tmp_path: Path) -> None:
    done = terminal.run("workflows", "picture", "r-1", "-o", str(tmp_path))

    assert done.exit_code == 2
    assert "--out must be a file" in done.stderr


def test_retry_has_it_go_on(terminal: WardTerminal) -> None:
    terminal.ward.cure()

    done = terminal.run("workflows", "retry", "r-1", "--why", "cured")
    terminal.ward.stage.run_all()

    assert "running" in done.stdout.splitlines()[2]
    assert told(terminal.run("workflows", "show", "r-1", "--json"))["state"] == "completed"


def test_retry_takes_steps_or_all(terminal: WardTerminal) -> None:
    assert terminal.run("workflows", "retry", "r-1", "first", "--all").exit_code == 2
    assert terminal.run("workflows", "retry", "r-1", "--all").exit_code == 0


def test_cancel_asks_first_and_ends_it(terminal: WardTerminal) -> None:
    terminal.ward.stage.client.start(a_round(), workflow_id="r-2")

    asked = terminal.run("workflows", "cancel", "r-2", "--why", "no")
    done = terminal.run("workflows", "cancel", "r-2", "--why", "no", "--yes")
    terminal.ward.stage.run_all()

    assert "add --yes" in asked.stderr
    assert done.exit_code == 0
    assert told(terminal.run("workflows", "show", "r-2", "--json"))["state"] == "cancelled"


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (3, ["show", "none"]),
        (4, ["cancel", "r-1", "--why", "late", "--yes"]),
    ],
)
def test_what_cannot_be_done_has_its_exit_code(
    code: int, arguments: list[str], terminal: WardTerminal
) -> None:
    assert terminal.run("workflows", *arguments).exit_code == code


def test_dead_step_of_what_was_made_good_is_retried_by_force_alone(terminal: WardTerminal) -> None:
    (dead,) = terminal.ward.operations.dead.list(DEAD).items

    refused = terminal.run("dead", "retry", dead.job_id)
    forced = terminal.run("dead", "retry", dead.job_id, "--force")

    assert refused.exit_code == 4
    assert "retry step 'room' of that one, or force it" in refused.stderr
    assert forced.exit_code == 0
