"""``workerless new`` makes files that are right as they are, or none."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli import Terminal
from workerless.discovery import discover

ROOT = Path(__file__).resolve().parents[2]
LONGEST = "a" * 40

FILES = {
    "events/user_welcome_bare.json",
    "functions/user_welcome/__init__.py",
    "functions/user_welcome/handler.py",
    "functions/user_welcome/job.py",
    "tests/functions/test_user_welcome.py",
}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(folder=tmp_path)


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_files_are_made_and_listed(terminal: Terminal) -> None:
    before = files(terminal.folder)

    made = terminal.run("new", "user.welcome", "--json")

    assert made.exit_code == 0
    assert set(json.loads(made.stdout)["files"]) == FILES
    assert {name for name in files(terminal.folder) - before if ".pyc" not in name} == FILES


def test_page_about_the_job_types_is_kept_true_where_there_is_one(
    terminal: Terminal, tmp_path: Path
) -> None:
    page = tmp_path / "docs" / "catalogue.md"
    page.parent.mkdir()
    page.write_text("")

    made = terminal.run("new", "send_letter")

    assert "docs/catalogue.md" in made.stdout
    assert page.read_text() == terminal.run("docs").stdout
    assert "## send_letter" in page.read_text()


def test_made_job_type_is_discovered(terminal: Terminal) -> None:
    terminal.run("new", "user.welcome")

    [found] = [one for one in discover(terminal.folder) if one.folder == "user_welcome"]

    assert found.job_type.name == "user.welcome"


@pytest.mark.parametrize("name", ["a", "h2", "user.welcome", LONGEST])
def test_made_files_are_formatted_and_clean(terminal: Terminal, name: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", terminal.folder)
    terminal.run("new", name)
    folder = name.replace(".", "_")
    made = [f"functions/{folder}", f"tests/functions/test_{folder}.py"]
    ruff = [sys.executable, "-m", "ruff"]
    ours = 'lint.isort.known-first-party = ["functions", "workerless"]'  # as in the checkout

    checked = subprocess.run(
        [*ruff, "check", "--no-cache", "--config", ours, *made],
        cwd=terminal.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    formatted = subprocess.run(
        [*ruff, "format", "--check", "--no-cache", *made],
        cwd=terminal.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout) == (0, "All checks passed!\n")
    assert formatted.returncode == 0, formatted.stdout


def test_made_test_passes(terminal: Terminal) -> None:
    terminal.run("new", "user.welcome")
    plugin = ["-p", "workerless.testing.pytest_plugin", "-W", "error"]

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, "tests"],
        cwd=terminal.folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "4 passed" in ran.stdout, ran.stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Send", "name must be 1 to 40 lower-case letters"),
        ("../x", "name must be 1 to 40 lower-case letters"),
        ("a" * 41, "name must be 1 to 40 lower-case letters"),
        ("class", "word that Python or the new files use"),
        ("print", "word that Python or the new files use"),
        ("worker", "word that Python or the new files use"),
        ("jobs", "word that Python or the new files use"),
        ("job.type", "word that Python or the new files use"),
    ],
)
def test_name_that_cannot_be_is_refused(terminal: Terminal, name: str, said: str) -> None:
    before = files(terminal.folder)

    refused = terminal.run("new", name)

    assert refused.exit_code == 2
    assert said in refused.stderr
    assert files(terminal.folder) == before


@pytest.mark.parametrize(
    "there",
    ["functions/taken/notes.txt", "functions/taken.py", "tests/functions/test_taken.py"],
)
def test_nothing_is_overwritten(terminal: Terminal, there: str) -> None:
    file = terminal.folder / there
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("mine")
    before = files(terminal.folder)

    refused = terminal.run("new", "taken")

    assert refused.exit_code == 4
    assert "is there already" in refused.stderr
    assert file.read_text() == "mine"
    assert {name for name in files(terminal.folder) if ".pyc" not in name} == {
        name for name in before if ".pyc" not in name
    }


def test_name_that_another_folder_has_is_refused(terminal: Terminal) -> None:
    job = terminal.folder / "functions" / "greet" / "job.py"
    job.parent.rename(terminal.folder / "functions" / "hello")

    refused = terminal.run("new", "greet")

    assert refused.exit_code == 4
    assert "hello/job.py has" in refused.stderr
