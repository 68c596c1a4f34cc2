"""The examples of how to test jobs, as they stand on their pages, in a project of their own."""

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from workerless.testing.outcomes import Outcomes
from workerless.testing.stage import InMemoryStage

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "testing-your-jobs.md"
PAGES = [ROOT / "README.md", PAGE]
_FILE = re.compile(r"^```python\n# ([\w/]+\.py).*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLUGIN = ["-p", "workerless.testing.pytest_plugin"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The job type of the README, and all files of the page."""
    (tmp_path / "functions" / "send_welcome").mkdir(parents=True)
    (tmp_path / "functions" / "__init__.py").touch()
    for page in PAGES:
        for name, code in _FILE.findall(page.read_text()):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(code)
    return tmp_path


def test_every_example_passes(project: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *_PLUGIN, "--strict-markers", "-W", "error"],
        cwd=project,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stdout
    count = sum(page.read_text().count("def test_") for page in PAGES)
    assert f"{count} passed" in answer.stdout


def test_page_names_everything_a_stage_does() -> None:
    rows = [line.split("|")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`(\w+)", row)}
    there = {name for name in vars(InMemoryStage) if not name.startswith("_")}

    assert there - told == {"of_checkout", "play_until", "is_doomed", "close"}


def test_page_names_every_outcome() -> None:
    text = PAGE.read_text().split("give `Outcomes`")[1].split("\n\n")[0]

    assert set(re.findall(r"`(\w+)`", text)) == {one.name for one in fields(Outcomes)}
