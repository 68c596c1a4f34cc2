"""The fixtures, in a pytest of their own: a checkout with two job types and its tests."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PLUGIN = "workerless.testing.pytest_plugin"

JOB = '''
from workerless import JobType, Payload, Result

class Greet(Payload):
    """Greets somebody."""
    name: str

class Greeted(Result):
    """What was said."""
    text: str

greet = JobType(name="greet", payload=Greet, result=Greeted)
'''
HANDLER = """
from functions.greet.job import Greet, Greeted, greet
from workerless.worker import worker

@worker(greet)
def handler(payload: Greet) -> Greeted:
    return Greeted(text=f"hello {payload.name}")
"""
TESTS = """
import sys
from datetime import timedelta

import pytest

from functions.greet.job import Greet, Greeted, greet
from workerless import State
from workerless.client import connect
from workerless.testing.failure import JobFailedError
from workerless.worker import worker

@worker(greet)
def broken(payload: Greet) -> Greeted:
    raise OSError("broken")

def test_job_types_of_the_project_are_there_and_imported_late(jobs, job_clock):
    assert "functions.greet.handler" not in sys.modules
    status = jobs.run(greet, Greet(name="Ada"), delay=timedelta(hours=1))
    assert status.result == Greeted(text="hello Ada")
    assert status.finished_at == job_clock.now()
    assert "functions.rusty.handler" not in sys.modules

def test_application_that_connects_meets_the_stage(jobs):
    connect("prod").enqueue(greet, Greet(name="Ada"))
    jobs.assert_enqueued(greet, payload=Greet(name="Ada"), count=1)

def test_handler_may_be_replaced(jobs):
    jobs.use(broken)
    assert jobs.run(greet, Greet(name="Ada"), attempts=1).state is State.FAILED

@pytest.mark.jobs(inline=True)
def test_marker_runs_jobs_inline(jobs):
    assert connect("prod").enqueue(greet, Greet(name="Ada")).status().state is State.COMPLETED

@pytest.mark.jobs(broken, inline=True, raise_failures=True)
def test_marker_names_the_workers(jobs):
    with pytest.raises(JobFailedError, match="broken"):
        connect("prod").enqueue(greet, Greet(name="Ada"))

def test_handler_without_a_worker_is_named(jobs):
    from functions.rusty.job import Rust, rusty
    with pytest.raises(Exception, match="rusty/handler.py: must say handler = worker"):
        jobs.run(rusty, Rust())
"""
RUSTY = '''
from workerless import JobType, Payload

class Rust(Payload):
    """Rusts."""

rusty = JobType(name="rusty", payload=Rust)
'''
SETTINGS = """
[pytest]
pythonpath = .
filterwarnings = error
addopts = --strict-markers --strict-config
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    texts = {
        "pytest.ini": SETTINGS,
        "functions/__init__.py": "",
        "functions/greet/__init__.py": "",
        "functions/greet/job.py": JOB,
        "functions/greet/handler.py": HANDLER,
        "functions/rusty/__init__.py": "",
        "functions/rusty/job.py": RUSTY,
        "functions/rusty/handler.py": "handler = None",
        "tests/test_greet.py": TESTS,
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """With the plugin, whether it is installed for all of pytest or not, and no other."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN, *arguments],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_tests_of_a_project_pass_with_the_fixtures(checkout: Path) -> None:
    answer = run_pytest(checkout)

    assert answer.returncode == 0, answer.stdout
    assert "6 passed" in answer.stdout


def test_project_without_job_types_has_an_empty_stage(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(jobs):\n    assert not jobs.enqueued()\n")

    answer = run_pytest(tmp_path)

    assert "1 passed" in answer.stdout, answer.stdout


def test_fixtures_and_marker_are_listed_with_what_they_do(tmp_path: Path) -> None:
    fixtures = run_pytest(tmp_path, "--fixtures").stdout
    markers = run_pytest(tmp_path, "--markers").stdout

    assert "A stage in memory with the job types of ``functions/``" in fixtures
    assert "The clock of ``jobs``" in fixtures
    assert "@pytest.mark.jobs(*members, inline=False, raise_failures=False)" in markers


def test_installed_plugin_is_the_one_that_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["entry-points"]["pytest11"] == {"workerless": PLUGIN}
    assert hasattr(import_module(PLUGIN), "jobs")


def test_loading_the_plugin_loads_nothing_of_the_kit() -> None:
    heavy = "{'boto3', 'asyncio', 'workerless.client', 'workerless.worker', 'workerless.aws'}"

    answer = subprocess.run(
        [sys.executable, "-c", f"import {PLUGIN}, sys; print({heavy} & set(sys.modules))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout == "set()\n"
