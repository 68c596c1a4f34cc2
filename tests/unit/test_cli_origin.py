"""What the command line tells of where a job comes from."""

import json
from pathlib import Path

from tests.unit.cli import Terminal
from workerless.testing.sample import a_record


def test_show_tells_where_a_job_comes_from(tmp_path: Path) -> None:
    terminal = Terminal(folder=tmp_path)
    trace = f"00-{'1' * 32}-{'2' * 16}-01"
    event = {"specversion": "1.0", "id": "job-1", "source": "s", "type": "greet", "data": {}}
    body = json.dumps({**event, "traceparent": trace})
    made = a_record(job_type="greet", body=body, correlation_id="order-7", parent_id="job-0")
    terminal.store.put_many([made])

    done = terminal.run("jobs", "show", "job-1")

    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert (rows["correlation"], rows["parent"], rows["trace"]) == ("order-7", "job-0", trace)
