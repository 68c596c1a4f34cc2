"""jobs send-event: what is printed and how it ends."""

import json
from pathlib import Path

import pytest

from tests.unit.cli import Terminal
from workerless.cli.exit_code import ExitCode
from workerless.states import State
from workerless.testing.sample import a_record


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(folder=tmp_path)


def test_event_is_sent_to_a_job_that_waits_for_it(terminal: Terminal) -> None:
    terminal.store.put_many([a_record(job_type="greet", body='{"name": "Ada"}')])

    done = terminal.run("jobs", "send-event", "job-1", "approved", '{"by": "grace"}')
    again = terminal.run("jobs", "send-event", "job-1", "approved", '{"by": "grace"}', "--json")
    other = terminal.run("jobs", "send-event", "job-1", "approved", '{"by": "eve"}')

    assert (done.exit_code, done.stdout) == (0, "job-1 has approved\n")
    assert json.loads(again.stdout) == {"id": "job-1", "event": "approved"}
    assert other.exit_code == ExitCode.CONFLICT
    assert "the first one counts" in other.stderr


def test_job_that_waits_says_for_what_and_how_long(terminal: Terminal) -> None:
    waits = {"state": State.SCHEDULED, "reason": "event:approved"}
    terminal.store.put_many([a_record(job_type="greet", body='{"name": "Ada"}', **waits)])

    done = terminal.run("jobs", "show", "job-1")

    assert "waits for   approved\n" in done.stdout
    assert "gives up    2026-01-01T00:00:00.000+00:00\n" in done.stdout
    assert "reason" not in done.stdout
