"""contracts/: the release before and this checkout read each other's messages."""

import re
from pathlib import Path

import pytest

from workerless.contract.release import look

ROOT = Path(__file__).resolve().parents[2]


def is_release(changelog: str) -> bool:
    """Whether all that is told of has a version: nothing stands under Unreleased."""
    return re.search(r"^## Unreleased\s+(?:## |\Z)", changelog, re.MULTILINE) is not None


def test_no_message_that_waits_and_no_worker_that_runs_is_left_behind() -> None:
    told = [f"{one.job_type}: {one.says}; {one.fix}" for one in look(ROOT).findings if one.breaks]

    assert told == []


def test_release_records_what_it_takes() -> None:
    """``workerless contract record``: the next release is held to it."""
    if is_release((ROOT / "CHANGELOG.md").read_text()):
        assert look(ROOT).unrecorded == ()


@pytest.mark.parametrize(
    ("changelog", "expected"),
    [
        ("# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-11-22\n\n- All.\n", True),
        ("# Changelog\n\n## Unreleased\n\n### Added\n- More.\n\n## 1.2.3\n", False),
        ("# Changelog\n\n## Unreleased\n", True),
    ],
)
def test_release_is_told_by_its_changelog(changelog: str, *, expected: bool) -> None:
    assert is_release(changelog) is expected
