"""The page of promises: it begins with what is not promised, and what it names is there."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
PAGE = (TESTS.parent / "docs" / "guarantees.md").read_text()
PROMISES = [
    [cell.strip() for cell in line.split("|")[1:-1]]
    for line in PAGE.splitlines()
    if re.match(r"\| \d+ \|", line)
]
PLACES = {"memory", "simulated", "moto", "local cloud"}


def test_page_begins_with_what_is_not_promised() -> None:
    assert re.findall(r"^## (.+)$", PAGE, re.MULTILINE)[:2] == ["Not promised", "Promised"]


def test_promises_are_numbered_without_a_gap() -> None:
    assert [int(row[0]) for row in PROMISES] == list(range(1, len(PROMISES) + 1))


@pytest.mark.parametrize("row", PROMISES, ids=lambda row: str(row[0]))
def test_promise_names_tests_that_are_there_and_where_they_ran(row: list[str]) -> None:
    _, _, how, shown_by, where = row
    named = [one.split("::") for one in re.findall(r"`([^`]+::[^`]+)`", shown_by)]

    assert bool(named) != how.startswith("later: ")
    assert not named or set(where.split(", ")) <= PLACES
    for file, function in named:
        tree = ast.parse((TESTS / file).read_text())
        assert function in {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
        }, f"{file} has no {function}"
