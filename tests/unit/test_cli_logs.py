"""jobs logs: what was written about one job."""

import json
from pathlib import Path

import pytest

from tests.unit.cli import Terminal
from workerless.logs import LogLine
from workerless.testing.sample import a_record


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    terminal = Terminal(folder=tmp_path)
    terminal.store.put_many([a_record(job_type="greet", body='{"name": "Ada"}')])
    return terminal


def write(terminal: Terminal, *texts: str, seconds: int = 1) -> None:
    (record,) = terminal.store.get_many(["job-1"])
    assert record is not None
    at_ms = int(record.enqueued_at.timestamp() + seconds) * 1_000
    lines = [LogLine(at_ms=at_ms, text=text) for text in texts]
    terminal.logs.written["workerless-test-greet"] = lines


def test_lines_about_the_job_are_shown_and_no_others(terminal: Terminal) -> None:
    write(terminal, "job-1 began", "job-2 began", "job-1 ended")

    done = terminal.run("jobs", "logs", "job-1")

    lines = [line.split(" ", 1)[1] for line in done.stdout.splitlines()]
    assert (done.exit_code, lines) == (0, ["job-1 began", "job-1 ended"])


def test_lines_from_before_the_job_are_another_jobs_of_that_id(terminal: Terminal) -> None:
    write(terminal, "job-1 of last year", seconds=-10)

    done = terminal.run("jobs", "logs", "job-1")

    assert (done.exit_code, done.stdout) == (0, "")
    assert "workerless-test-greet wrote nothing about job-1 yet" in done.stderr


def test_machines_get_lines_with_their_times(terminal: Terminal) -> None:
    write(terminal, "job-1 \x1b[2J")

    told = json.loads(terminal.run("jobs", "logs", "job-1", "--json").stdout)

    assert [line["line"] for line in told] == ["job-1 \x1b[2J"]
    assert told[0]["at"].endswith("+00:00")


def test_logged_text_cannot_steer_the_terminal(terminal: Terminal) -> None:
    write(terminal, "job-1 \x1b[2J")

    assert r"job-1 \x1b[2J" in terminal.run("jobs", "logs", "job-1").stdout


def test_no_more_lines_than_asked_for(terminal: Terminal) -> None:
    write(terminal, *(f"job-1 line {number}" for number in range(5)))

    assert len(terminal.run("jobs", "logs", "job-1", "--limit", "2").stdout.splitlines()) == 2


def test_unknown_job_has_no_log(terminal: Terminal) -> None:
    assert terminal.run("jobs", "logs", "nobody").exit_code == 3


@pytest.mark.parametrize(
    ("short", "long"),
    [("status", "show"), ("wait", "wait"), ("list", "list"), ("cancel", "cancel")],
)
def test_what_is_asked_for_most_has_a_short_name(terminal: Terminal, short: str, long: str) -> None:
    what = "greet" if short == "list" else "job-1"
    options = ("--timeout", "1s") if short == "wait" else ()

    first, second = terminal.run(short, what, *options), terminal.run("jobs", long, what, *options)

    assert (first.exit_code, first.output) == (second.exit_code, second.output)
