"""The matrix is whole, and everything it points to is there."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.simulation.cells import REACHABLE
from tests.simulation.matrix import FAULTS, FEATURES, ROWS, Row

TESTS = Path(__file__).resolve().parents[1]
GUARANTEES = TESTS.parent / "docs" / "guarantees.md"


@cache
def functions(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_required_cell_has_its_row() -> None:
    assert len(ROWS) == 125
    assert len({(row.step, row.fault) for row in ROWS}) == 125
    assert {row.fault for row in ROWS} == set(FAULTS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.step}-{row.fault}")
def test_evidence_of_a_row_is_there(row: Row) -> None:
    later = [one.removeprefix("later ") for one in row.evidence if one.startswith("later ")]
    missing = [one for one in row.tests() if one[1] not in functions(one[0])]

    assert set(row.cells()) <= REACHABLE
    assert missing == []
    assert set(later) <= FEATURES
    assert len(row.cells()) + len(row.tests()) + len(later) == len(row.evidence) >= 1
    assert not later or len(row.evidence) == 1


def test_page_tells_how_many_rows_are_shown() -> None:
    later = [row for row in ROWS if row.is_later]
    by_feature = {
        feature: sum(row.evidence == (f"later {feature}",) for row in later) for feature in FEATURES
    }

    page = GUARANTEES.read_text()

    assert f"{len(ROWS) - len(later)} of the {len(ROWS)} are shown" in page
    for feature, count in by_feature.items():
        assert f"{count} wait for {feature}" in page
