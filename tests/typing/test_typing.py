"""What must not type-check does not, and everything else does."""

import re
import subprocess
import sys
from pathlib import Path

CASES = Path(__file__).parent / "cases"
ROOT = Path(__file__).resolve().parents[2]


def expected() -> set[tuple[int, str]]:
    lines = (CASES / "wrong_payload.py").read_text().splitlines()
    return {
        (number, match[1])
        for number, line in enumerate(lines, 1)
        if (match := re.search(r"# error: ([a-z-]+)$", line))
    }


def test_exactly_the_marked_mistakes_fail_to_type_check() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", str(CASES / "wrong_payload.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    found = {
        (int(match[1]), match[2])
        for match in re.finditer(r"wrong_payload\.py:(\d+): error: .*\[([a-z-]+)\]", answer.stdout)
    }
    assert found == expected(), answer.stdout
