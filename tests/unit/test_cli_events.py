"""jobs send-event: what is printed and how it ends."""

import json
from pathlib import Path

import pytest

from tests.unit.cli import Terminal
from workerless.cli.exit_code import ExitCode
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
