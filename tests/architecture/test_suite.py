"""``tools/suite.py``: all parts at once, each ended properly, and one verdict."""

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from workerless.local import process

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "suite.py"
HALF = "def half(flag):\n    if flag:\n        return 1\n    return 2\n"
RUN = """
import runpy, sys
from pathlib import Path
script, root = sys.argv[1:]
suite = runpy.run_path(script)
part = suite["Part"]
parts = {"first": part(folders=("tests/first",)), "rest": part(nice=1)}
parts["bare"] = part(folders=("tests/bare",), is_measured=False)
suite["signal"].signal(suite["signal"].SIGTERM, suite["_interrupt"])
sys.exit(suite["run"](parts, Path(root)))
"""


@pytest.fixture(scope="module")
def suite() -> ModuleType:
    spec = importlib.util.spec_from_file_location("suite_script", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two tests that cover a half each, and one that is not measured."""
    (tmp_path / "halves.py").write_text(HALF)
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\npythonpath = ['.']\naddopts = '-p pytest_cov.plugin'\n"
        "[tool.coverage.run]\nbranch = true\nsource = ['halves']\n"
        "[tool.coverage.report]\nfail_under = 95\n"
    )
    for folder, test in {
        "first": "from halves import half\ndef test_one():\n    assert half(True) == 1\n",
        "rest": "from halves import half\ndef test_two():\n    assert half(False) == 2\n",
        "bare": "def test_three():\n    pass\n",
    }.items():
        (tmp_path / "tests" / folder).mkdir(parents=True)
        (tmp_path / "tests" / folder / f"test_{folder}.py").write_text(test)
    return tmp_path


def started(project: Path) -> subprocess.Popen[str]:
    """Not as a part of this run: what measures this one must not measure that."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return subprocess.Popen(
        [sys.executable, "-c", RUN, SCRIPT, project],
        env=environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # they take a second each
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_all_parts_run_and_are_covered_together(project: Path) -> None:
    running = started(project)

    said, _ = running.communicate(timeout=120)

    assert running.returncode == 0, said
    assert said.count("1 passed") == 6  # as it came, and at the end
    assert [name for name in ("first | ", "rest | ", "bare | ") if name not in said] == []
    assert "TOTAL" in said
    assert "100%" in said


@pytest.mark.parametrize("folder", ["rest", "bare"])
def test_one_that_fails_in_any_part_fails_all_and_is_named_at_the_end(
    project: Path, folder: str
) -> None:
    (project / "tests" / folder / "test_more.py").write_text("def test_it():\n    assert False\n")
    running = started(project)

    said, _ = running.communicate(timeout=120)

    assert running.returncode == 1, said
    assert (
        f"{folder} | FAILED tests/{folder}/test_more.py::test_it" in said.partition("TOTAL")[2]
    ), said


def test_too_little_coverage_fails_though_all_tests_pass(project: Path) -> None:
    (project / "tests" / "rest" / "test_rest.py").write_text("def test_two():\n    pass\n")
    running = started(project)

    said, _ = running.communicate(timeout=120)

    assert running.returncode == 1
    assert " failed" not in said


def test_what_is_interrupted_ends_what_it_began(project: Path) -> None:
    waiting = "import pathlib, time\nimport pytest\n@pytest.fixture\ndef cloud():\n"
    waiting += f"    here = pathlib.Path({str(project)!r})\n    (here / 'up').touch()\n    yield\n"
    waiting += "    (here / 'down').touch()\ndef test_it(cloud):\n    time.sleep(60)\n"
    (project / "tests" / "first" / "test_first.py").write_text(waiting)
    running = started(project)
    assert process.wait_until((project / "up").exists, seconds=60)

    running.send_signal(signal.SIGTERM)
    said, _ = running.communicate(timeout=120)

    assert running.returncode == 130, said
    assert (project / "down").exists()


def test_every_folder_of_a_part_is_there(suite: ModuleType) -> None:
    folders = [folder for part in suite.PARTS.values() for folder in part.folders]

    assert len(set(folders)) == len(folders)
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
    assert [part.folders for part in suite.PARTS.values()].count(()) == 1
