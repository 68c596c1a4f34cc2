"""A long command is logged, watched, and ended with whoever runs it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workerless.local.command import Command
from workerless.local.errors import LocalCloudError


def python(code: str, log: Path) -> Command:
    return Command(words=[sys.executable, "-c", code], folder=log.parent, environ={}, log=log)


def test_lines_are_logged_and_shown(tmp_path: Path) -> None:
    seen: list[str] = []
    log = tmp_path / "synth.log"
    command = Command(
        words=[sys.executable, "-c", "print('one'); print('two')"],
        folder=tmp_path,
        environ={},
        log=log,
        on_line=seen.append,
    )

    command.run()

    assert seen == ["one\n", "two\n"]
    assert log.read_text() == "one\ntwo\n"


def test_failure_tells_step_code_log_and_the_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "synth.log"
    code = "import sys\nfor n in range(40): print('line', n)\nsys.exit(3)"

    with pytest.raises(LocalCloudError) as raised:
        python(code, log).run()

    message = str(raised.value)
    assert message.startswith(f"synth failed with exit code 3; the end of {log}:")
    assert "line 39" in message
    assert "line 24" not in message


def test_only_the_given_environment_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod")
    log = tmp_path / "synth.log"

    python("import os; print(os.environ.get('AWS_PROFILE'))", log).run()

    assert log.read_text() == "None\n"


def test_interrupted_command_is_ended(tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    command = Command(
        words=[sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"],
        folder=tmp_path,
        environ={},
        log=tmp_path / "deploy.log",
        on_line=interrupt,
    )

    with pytest.raises(KeyboardInterrupt):
        command.run()


def test_command_that_is_interrupted_while_it_starts_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    children: list[subprocess.Popen[str]] = []

    class Slow(subprocess.Popen[str]):
        """Its child lives, and Ctrl-C comes before anybody has been told of it."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            children.append(self)
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(subprocess, "Popen", Slow)

    with pytest.raises(KeyboardInterrupt):
        python("import time; time.sleep(600)", tmp_path / "synth.log").run()

    assert [child.poll() for child in children] == [-signal.SIGTERM]
