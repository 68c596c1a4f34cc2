"""status of a long job: how often it went on, and where it is."""

import json
from dataclasses import replace
from pathlib import Path

from tests.unit.cli import Terminal
from workerless.record import Checkpoint
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.sample import HOLDER, a_claim, a_finish, a_record


def test_status_shows_where_a_long_job_goes_on(tmp_path: Path) -> None:
    terminal = Terminal(folder=tmp_path)
    terminal.store.put_many([a_record(job_type="greet", body='{"name": "Ada"}')])
    (claimed,) = terminal.store.claim_many([a_claim(job_type="greet")])
    assert claimed.record is not None
    kept = Checkpoint(cursor='{"row":4000}', by=HOLDER, at=START)
    held = replace(claimed.record, checkpoint=kept)
    terminal.store.finish_many([a_finish(held=held, state=State.SCHEDULED, run_at=START)])

    told = terminal.run("status", "job-1").stdout
    machine = json.loads(terminal.run("status", "job-1", "--json").stdout)

    assert 'cursor      {"row": 4000}' in told
    assert "continued   once" in told
    assert (machine["cursor"], machine["continuations"]) == ({"row": 4000}, 1)
