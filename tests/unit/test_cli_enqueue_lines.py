"""enqueue --lines: a job for each line, or none at all."""

import json
from itertools import count
from pathlib import Path

import pytest

from tests.unit.cli import Terminal

LINES = '{"name": "Ada"}\n\n{"name": "Grace"}\n'


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    ids = count(1)

    class Numbered(Terminal):
        def new_id(self) -> str:
            return f"new-{next(ids)}"

    return Numbered(folder=tmp_path)


def test_each_line_is_a_job(terminal: Terminal) -> None:
    done = terminal.run(
        "enqueue", "greet", "-", "--lines", "--tenant", "acme", "--tag", "x", stdin=LINES
    )

    assert (done.exit_code, done.stdout) == (0, "2 enqueued\n")
    records = terminal.store.get_many(["new-1", "new-2"])
    assert [record.tenant for record in records if record] == ["acme", "acme"]
    assert [record.tags for record in records if record] == [("x",), ("x",)]


def test_machines_get_all_ids(terminal: Terminal) -> None:
    done = terminal.run("enqueue", "greet", "-", "--lines", "--json", stdin=LINES)

    assert json.loads(done.stdout) == {
        "type": "greet",
        "ids": ["new-1", "new-2"],
        "duplicates": 0,
    }


def test_lines_that_meet_their_like_are_not_counted_as_enqueued(terminal: Terminal) -> None:
    terminal.declare("unique=Unique()")

    done = terminal.run("enqueue", "greet", "-", "--lines", stdin=LINES + LINES)

    assert done.stdout == "2 enqueued, 2 were before\n"


@pytest.mark.parametrize(
    ("lines", "options", "code", "said"),
    [
        (LINES + "{", (), 2, "line 3: payload must be JSON"),
        (LINES + "[]", (), 2, "line 3: payload must be a JSON object, got list"),
        (LINES + '{"name": ""}', (), 2, "line 3: payload.name"),
        (LINES, ("--id", "a-1"), 2, "--id must be left out"),
        (LINES, ("--wait",), 2, "--wait must be left out"),
    ],
)
def test_one_line_that_is_wrong_and_nothing_is_sent(
    terminal: Terminal, lines: str, options: tuple[str, ...], code: int, said: str
) -> None:
    refused = terminal.run("enqueue", "greet", "-", "--lines", *options, stdin=lines)

    assert refused.exit_code == code
    assert said in refused.stderr
    assert terminal.store.get_many(["new-1"]) == [None]


def test_lines_of_a_type_that_is_not_declared_here_cannot_be_checked(terminal: Terminal) -> None:
    assert terminal.run("enqueue", "other", "-", "--lines", stdin=LINES).exit_code == 3
