"""workerless worker: what it refuses, and what it tells the processes that it starts."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli import Terminal
from tests.unit.container.deployment import deployment
from workerless.cli.exit_code import ExitCode
from workerless.container import health

CHECKOUT = Path(__file__).resolve().parents[2]
# Writes down what it was started with, and ends before it is ready.
_HANDLER = """
import json, os, pathlib, sys
told = {"plan": json.loads(sys.argv[1]), "environ": dict(os.environ), "folder": os.getcwd()}
pathlib.Path(__file__).with_name("told").write_text(json.dumps(told))
sys.exit(3)
"""


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> Iterator[Terminal]:
    monkeypatch.setattr(health, "FOLDER", tmp_path / "health")
    terminal = Terminal(folder=tmp_path, environ=environ)
    function = tmp_path / "functions" / "greet"
    (function / "__init__.py").touch()
    (function / "handler.py").write_text(_HANDLER)
    with deployment(monkeypatch) as deployed:
        deployed.function("greet-function", {"WORKERLESS_TABLE": "t", "SENDER": "a"})
        deployed.publish("greet", function="greet-function")
        yield terminal


@pytest.fixture
def environ() -> dict[str, str]:
    """The container's own."""
    return {"SENDER": "b", "PYTHONDONTWRITEBYTECODE": "1"}


def told(terminal: Terminal) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(
        (terminal.folder / "functions" / "greet" / "told").read_text()
    )
    return read


def test_process_is_told_its_plan_and_has_the_functions_environment(terminal: Terminal) -> None:
    done = terminal.run("worker", "greet", "--max-jobs", "7", "--max-memory", "64")

    plan, environ = told(terminal)["plan"], told(terminal)["environ"]
    assert plan == {
        "folder": "greet",
        "slot": 0,
        "queues": [[None, "https://q/greet"]],
        "max_jobs": 7,
        "max_memory_mib": 64,
        "health": str(health.FOLDER),
    }
    assert (environ["WORKERLESS_TABLE"], environ["SENDER"]) == ("t", "b")
    assert told(terminal)["folder"] == str(terminal.folder)
    assert "greet of stage test: 1 at work; SIGTERM ends it" in done.stderr


def test_process_that_ends_before_it_is_ready_ends_the_command(terminal: Terminal) -> None:
    done = terminal.run("worker", "greet")

    assert done.exit_code == ExitCode.USAGE
    assert "process 0 must be ready before it ends, got exit code 3" in done.stderr
    assert told(terminal)["plan"]["max_memory_mib"] == 256


@pytest.mark.parametrize("grace", ["500ms", "13h", "soon"])
def test_grace_that_no_platform_gives_is_refused(terminal: Terminal, grace: str) -> None:
    done = terminal.run("worker", "greet", "--grace", grace)

    assert done.exit_code == ExitCode.USAGE
    assert "--grace" in done.stderr


def test_type_that_the_checkout_does_not_declare_is_refused(terminal: Terminal) -> None:
    done = terminal.run("worker", "other")

    assert done.exit_code == ExitCode.NOT_FOUND
    assert "type must be one of greet, got 'other'" in done.stderr


def test_type_that_is_not_deployed_is_refused(terminal: Terminal) -> None:
    done = terminal.run("worker", "greet", stage="dev")

    assert done.exit_code != 0
    assert "stage 'dev' has no job type 'greet'" in done.stderr


def test_sigterm_before_anybody_is_at_work_ends_it_in_order(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute.settimeout(30)
        environ = {
            **os.environ,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{mute.getsockname()[1]}",
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
            "PYTHONPATH": str(CHECKOUT),
            "WORKERLESS_STAGE": "test",
        }
        command = [sys.executable, "-m", "workerless.cli", "worker", "greet"]
        with subprocess.Popen(command, cwd=terminal.folder, env=environ) as process:
            asking, _ = mute.accept()
            process.send_signal(signal.SIGTERM)
            code = process.wait(20)
        asking.close()

    assert code == 0
