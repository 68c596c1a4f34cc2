"""What must not type-check does not, and everything else does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.cloud import SCAFFOLDED, copy_checkout, functions_in, run_workerless

CASES = Path(__file__).parent / "cases"
ROOT = Path(__file__).resolve().parents[2]


def expected(case: Path) -> set[tuple[int, str]]:
    return {
        (number, match[1])
        for number, line in enumerate(case.read_text().splitlines(), 1)
        if (match := re.search(r"# error: ([a-z-]+)$", line))
    }


@pytest.mark.parametrize("case", sorted(CASES.glob("*.py")), ids=lambda case: case.stem)
def test_exactly_the_marked_mistakes_fail_to_type_check(case: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", str(case)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    found = {
        (int(match[1]), match[2])
        for match in re.finditer(rf"{case.name}:(\d+): error: .*\[([a-z-]+)\]", answer.stdout)
    }
    assert found == expected(case), answer.stdout


def test_job_types_of_a_checkout_type_check_where_they_are_deployed_from(tmp_path: Path) -> None:
    """Those that only the end-to-end tests deploy, and one as ``workerless new`` writes it."""
    copy_checkout(tmp_path, [*functions_in("functions"), *functions_in("tests/e2e/job_types")])
    made = run_workerless(tmp_path, dict(os.environ), "new", SCAFFOLDED)
    assert made.returncode == 0, made.stderr

    answer = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", "functions", "tests"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.stdout == ""
