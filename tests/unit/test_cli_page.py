"""docs/cli.md: every command there is has its row, with options that exist; and no other has."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from workerless.cli.app import app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
ROOT = typer.main.get_command(app)


def commands(group: Any, *path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command


THERE_ARE = dict(commands(ROOT))


def rows() -> list[tuple[list[str], str]]:
    """The commands that a row is about, and all of the row."""
    table = PAGE.read_text().split("\n## Exit codes\n")[0]
    found = [line for line in table.splitlines() if line.startswith("| `")]
    return [(_named(line.split("|")[1]), line) for line in found]


def _named(cell: str) -> list[str]:
    """``jobs show ID`` is the command ``jobs show``."""
    return [re.split(r" (?=[A-Z\[])", one)[0] for one in re.findall(r"`([^`]+)`", cell)]


def test_every_command_has_a_row_and_every_row_a_command() -> None:
    named = [name for names, _ in rows() for name in names]

    assert sorted(named) == sorted(THERE_ARE)


def test_every_option_on_the_page_is_one_of_its_command() -> None:
    for names, line in rows():
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", line))
        for name in names:
            params = THERE_ARE[name].params
            there_are = {opt for one in params for opt in (*one.opts, *one.secondary_opts)}
            assert options <= there_are | {"--json", "--stage"}, name


def test_every_command_says_what_it_does() -> None:
    assert [name for name, command in THERE_ARE.items() if not command.help] == []
