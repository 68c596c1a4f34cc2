"""enqueue, status, wait, list, cancel: what is printed and how it ends."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli import Terminal
from workerless.states import State
from workerless.testing.sample import a_claim, a_finish, a_record

HELLO = '{"name": "Ada"}'


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(folder=tmp_path)


def ended(terminal: Terminal, state: State, **finish: Any) -> None:
    """A job ``job-1`` of type greet that ended."""
    terminal.store.put_many([a_record(job_type="greet", body='{"name": "Ada"}')])
    terminal.store.claim_many([a_claim(job_type="greet")])
    terminal.store.finish_many([a_finish(state=state, **finish)])


def test_enqueue_prints_the_id_and_sends(terminal: Terminal) -> None:
    done = terminal.run("enqueue", "greet", HELLO)

    assert (done.exit_code, done.stdout) == (0, "new-1\n")
    assert len(terminal.queue.deliver("workerless-test-greet")) == 1


def test_enqueue_tells_machines_in_json(terminal: Terminal) -> None:
    terminal.run("enqueue", "greet", HELLO)

    done = terminal.run("enqueue", "greet", HELLO, "--id", "new-1", "--json")

    assert json.loads(done.stdout) == {"id": "new-1", "type": "greet", "duplicate": True}


def test_enqueue_passes_its_options_on(terminal: Terminal) -> None:
    done = terminal.run(
        *("enqueue", "greet", HELLO, "--id", "a-1", "--delay", "1m30s"),
        *("--attempts", "2", "--tenant", "acme", "--tag", "checkout", "--tag", "eu"),
    )

    assert done.exit_code == 0
    [record] = terminal.store.get_many(["a-1"])
    assert record is not None
    assert record.run_at - record.enqueued_at == timedelta(seconds=90)
    assert (record.max_attempts, record.tenant, record.state) == (2, "acme", State.SCHEDULED)
    assert record.tags == ("checkout", "eu")


@pytest.mark.parametrize("argument", ["-", "@{folder}/payload.json"])
def test_payload_comes_from_stdin_or_a_file(terminal: Terminal, argument: str) -> None:
    (terminal.folder / "payload.json").write_text(HELLO)

    done = terminal.run("enqueue", "greet", argument.format(folder=terminal.folder), stdin=HELLO)

    assert done.exit_code == 0
    assert terminal.store.get_many(["new-1"]) != [None]


def test_undeclared_type_is_enqueued_for_its_worker_to_check(terminal: Terminal) -> None:
    done = terminal.run("enqueue", "other", '{"anything": 1}')

    assert done.exit_code == 0
    [record] = terminal.queue.deliver("workerless-test-other")
    assert json.loads(record["body"])["data"] == {"anything": 1}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("greet", "{}"), 2, "payload.name: field required; see `workerless schema greet`"),
        (("greet", '{"name": "x", "age": 3}'), 2, "payload.age: extra inputs"),
        (("greet", "[1]"), 2, "payload must be a JSON object, got list"),
        (("greet", "{"), 2, "payload must be JSON: Expecting property name"),
        (("greet", "[" * 100_000), 2, "payload must be JSON"),
        (("greet", "@nowhere.json"), 2, "payload must be readable UTF-8 text, got @nowhere.json"),
        (("greet", HELLO, "--delay", "soon"), 2, "--delay must be a duration with units"),
        (("greet", HELLO, "--delay", "3651d"), 2, "delay must be between 0 s and 3650 days"),
        (("greet", HELLO, "--attempts", "0"), 2, "attempts must be between 1 and"),
        (("greet", HELLO, "--id", "a b"), 2, "job_id must be"),
        (("greet", HELLO, "--tenant", "a b"), 2, "tenant must be"),
        (("other", "{}", "--attempts", "101"), 2, "attempts must be 1 to 100, got 101"),
        (("nothing", "{}"), 3, "no job type 'nothing'"),
    ],
)
def test_wrong_enqueue_is_one_line_and_nothing_sent(
    terminal: Terminal, arguments: tuple[str, ...], code: int, said: str
) -> None:
    refused = terminal.run("enqueue", *arguments)

    assert refused.exit_code == code
    assert refused.stdout == ""
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert terminal.queue.deliver("workerless-test-greet") == []


def test_taken_id_is_a_conflict(terminal: Terminal) -> None:
    terminal.run("enqueue", "greet", HELLO, "--id", "a-1")

    refused = terminal.run("enqueue", "greet", '{"name": "Grace"}', "--id", "a-1")

    assert refused.exit_code == 4
    assert "is taken by a job with another payload" in refused.stderr


def test_waiting_for_a_completed_job_shows_its_result(terminal: Terminal) -> None:
    ended(terminal, State.COMPLETED, result='{"greeting": "hi"}')

    done = terminal.run("wait", "job-1", "--json")

    assert done.exit_code == 0
    status = json.loads(done.stdout)
    assert (status["state"], status["result"]) == ("completed", {"greeting": "hi"})


def test_waiting_for_a_failed_job_ends_with_one(terminal: Terminal) -> None:
    ended(terminal, State.FAILED, reason="attempts_exhausted")

    done = terminal.run("wait", "job-1")

    assert done.exit_code == 1
    assert "state       failed" in done.stdout
    assert done.stderr == "workerless: job job-1 ended as failed: attempts_exhausted\n"


def test_waiting_in_vain_times_out(terminal: Terminal) -> None:
    terminal.run("enqueue", "greet", HELLO)

    gave_up = terminal.run("wait", "new-1", "--timeout", "3s")

    assert gave_up.exit_code == 7
    assert "has not ended after 0:00:03" in gave_up.stderr
    assert sum(terminal.clock.sleeps, timedelta(0)) == timedelta(seconds=3)


def test_enqueue_can_wait(terminal: Terminal) -> None:
    gave_up = terminal.run("enqueue", "greet", HELLO, "--wait", "--timeout", "1s")

    assert gave_up.exit_code == 7


def test_unknown_job_is_not_found(terminal: Terminal) -> None:
    for command in ("status", "cancel"):
        assert terminal.run(command, "nobody").exit_code == 3


def test_status_shows_what_is_known_and_no_empty_line(terminal: Terminal) -> None:
    terminal.run("enqueue", "greet", HELLO, "--tenant", "acme")

    shown = terminal.run("status", "new-1").stdout.splitlines()

    assert shown[:3] == ["id          new-1", "type        greet", "state       pending"]
    assert "tenant      acme" in shown
    assert "attempt     0 of 3" in shown
    assert 'data        {"name": "Ada"}' in shown
    assert not [line for line in shown if line.startswith(("result", "finished", "reason"))]


def test_listing_pages(terminal: Terminal) -> None:
    for number in range(3):
        terminal.run("enqueue", "greet", HELLO, "--id", f"a-{number}")

    first = json.loads(
        terminal.run("list", "greet", "--state", "pending", "--limit", "2", "--json").stdout
    )
    rest = terminal.run("list", "greet", "--state", "pending", "--cursor", first["cursor"])

    assert len(first["jobs"]) == 2
    left = {f"a-{number}" for number in range(3)} - {job["id"] for job in first["jobs"]}
    assert left.pop() in rest.stdout


def test_next_page_is_told_on_stderr(terminal: Terminal) -> None:
    for number in range(2):
        terminal.run("enqueue", "greet", HELLO, "--id", f"a-{number}")

    shown = terminal.run("list", "greet", "--state", "pending", "--limit", "1")

    assert shown.stderr.startswith("more: --cursor ")


def test_waiting_for_an_untracked_job_is_refused_before_it_is_sent(terminal: Terminal) -> None:
    terminal.declare("tracking=Tracking.OFF")

    refused = terminal.run("enqueue", "greet", HELLO, "--wait")
    sent = terminal.run("enqueue", "greet", HELLO)
    unknown = terminal.run("status", "new-1")

    assert (refused.exit_code, terminal.connected) == (2, ["test", "test"])
    assert "tracking of greet is off" in refused.stderr
    assert sent.stdout.split() == ["new-1"]
    assert unknown.exit_code == 3
    assert "of a job type with tracking off" in unknown.stderr


def test_lean_job_can_be_waited_for(terminal: Terminal) -> None:
    terminal.declare("tracking=Tracking.LEAN")

    gave_up = terminal.run("enqueue", "greet", HELLO, "--wait", "--timeout", "1s")

    assert "not ended after" in gave_up.stderr


def test_empty_list_hints_at_what_is_not_listed(terminal: Terminal) -> None:
    completed = terminal.run("list", "greet", "--state", "completed")
    failed = terminal.run("list", "greet", "--state", "failed")

    assert "tracking lean or off" in completed.stderr
    assert "tracking" not in failed.stderr


def test_waiting_job_is_cancelled_once_and_for_all(terminal: Terminal) -> None:
    terminal.run("enqueue", "greet", HELLO)

    assert terminal.run("cancel", "new-1").stdout == "new-1 cancelled\n"
    again = terminal.run("cancel", "new-1", "--json")
    assert json.loads(again.stdout) == {"id": "new-1", "state": "cancelled"}


def test_running_job_is_asked_to_end(terminal: Terminal) -> None:
    ended(terminal, State.PROCESSING)

    asked = terminal.run("cancel", "job-1")

    assert (asked.exit_code, asked.stdout) == (0, "job-1 runs, and was asked to end\n")
    assert "cancelling  asked to end" in terminal.run("status", "job-1").stdout


def test_completed_job_cannot_be_cancelled(terminal: Terminal) -> None:
    ended(terminal, State.COMPLETED)

    refused = terminal.run("cancel", "job-1")

    assert refused.exit_code == 4
    assert "is completed" in refused.stderr


def test_text_from_a_job_cannot_steer_the_terminal(terminal: Terminal) -> None:
    ended(terminal, State.FAILED, reason="\x1b[2J\x9b31m\u202e[red]boo[/red]\nid          fake")

    shown = terminal.run("status", "job-1")
    listed = terminal.run("list", "greet", "--state", "failed")

    for output in (shown.stdout, listed.stdout):
        assert r"\x1b[2J\x9b31m\u202e[red]boo[/red]\nid          fake" in output
        assert not {"\x1b", "\x9b", "\u202e"} & set(output)


def test_json_output_is_plain_ascii(terminal: Terminal) -> None:
    ended(terminal, State.FAILED, reason="\u202e\x1b")

    shown = terminal.run("status", "job-1", "--json")

    assert shown.stdout.isascii()
    assert json.loads(shown.stdout)["failed_reason"] == "\u202e\x1b"


def test_listing_cuts_nothing_off_on_a_narrow_terminal(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    terminal.run("enqueue", "greet", HELLO, "--id", "a" * 100)

    shown = terminal.run("list", "greet", "--state", "pending").stdout.splitlines()

    assert [line.split()[0] for line in shown] == ["id", "a" * 100]


def test_empty_listing_says_what_there_is_none_of(terminal: Terminal) -> None:
    shown = terminal.run("list", "greet")

    assert (shown.stdout, shown.stderr) == ("", "no failed jobs of type greet\n")


def test_job_that_waits_can_be_given_another_time(terminal: Terminal) -> None:
    terminal.run("enqueue", "greet", HELLO, "--id", "a-1", "--delay", "3d")

    later = terminal.run("reschedule", "a-1", "2h", "--json")
    now = terminal.run("promote", "a-1", "--json")

    assert (later.exit_code, now.exit_code) == (0, 0)
    assert json.loads(later.stdout)["run_at"] > json.loads(now.stdout)["run_at"]
    assert json.loads(now.stdout)["state"] == "scheduled"
    assert terminal.run("promote", "nobody").exit_code == 3
    assert terminal.run("reschedule", "a-1", "soon").exit_code == 2
