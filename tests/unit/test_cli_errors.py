"""status --errors: all that a job's attempts said."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.cli import Terminal
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.sample import a_claim, a_finish, a_record, an_error


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    terminal = Terminal(folder=tmp_path)
    key = "errors/greet/job-1/1-token-1.txt"
    terminal.blobs.put(key, b"all of it:\n  \x1b[1mbold", keep=timedelta(days=1))
    terminal.store.put_many([a_record(job_type="greet", body='{"name": "Ada"}')])
    terminal.store.claim_many([a_claim(job_type="greet")])
    error = replace(an_error(message="all of"), details=key)
    told = a_finish(state=State.RETRYING, run_at=START, error=error)
    terminal.store.finish_many([told])
    return terminal


def test_errors_are_shown_in_full_and_cannot_steer_the_terminal(terminal: Terminal) -> None:
    done = terminal.run("status", "job-1", "--errors")

    assert done.exit_code == 0
    assert "  all of it:\n    \\x1b[1mbold\n" in done.stdout


def test_without_being_asked_for_they_are_short(terminal: Terminal) -> None:
    done = terminal.run("status", "job-1")

    assert "OSError: all of" in done.stdout
    assert "bold" not in done.stdout


def test_machines_get_them_beside_the_status(terminal: Terminal) -> None:
    done = terminal.run("status", "job-1", "--errors", "--json")

    told = json.loads(done.stdout)
    assert told["error_texts"] == ["all of it:\n  \x1b[1mbold"]
    assert told["errors"][0]["details"] == "errors/greet/job-1/1-token-1.txt"
