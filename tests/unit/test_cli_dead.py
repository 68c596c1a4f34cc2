"""dead list, show, retry, edit, discard, archive: dead jobs one by one."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli_ward import WardTerminal
from workerless.states import State


@pytest.fixture
def terminal(tmp_path: Path) -> WardTerminal:
    return WardTerminal(folder=tmp_path)


def told(done: Any) -> Any:
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_dead_jobs_are_listed_with_why_they_died(terminal: WardTerminal) -> None:
    (job_id,) = terminal.ward.kill(1)

    done = terminal.run("dead", "list", "visit")

    assert done.exit_code == 0
    row = done.stdout.splitlines()[1]
    assert row.startswith(job_id)
    assert "attempts_exhausted" in row
    assert "OSError: patient 0 is ill" in row


def test_no_dead_jobs_are_said_to_be_none(terminal: WardTerminal) -> None:
    done = terminal.run("dead", "list", "visit", "--tenant", "acme")

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "no dead jobs of type visit, of tenant acme\n"


def test_listing_pages(terminal: WardTerminal) -> None:
    terminal.ward.kill(3)

    first = told(terminal.run("dead", "list", "visit", "--limit", "2", "--json"))
    rest = told(terminal.run("dead", "list", "visit", "--cursor", first["cursor"], "--json"))

    assert len({job["job_id"] for job in first["jobs"] + rest["jobs"]}) == 3
    assert "more: --cursor" in terminal.run("dead", "list", "visit", "--limit", "2").stderr


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--tenant", "acme"), 2),
        (("--error-type", "OSError"), 3),
        (("--error-type", "KeyError"), 0),
        (("--reason", "attempts_exhausted"), 3),
        (("--text", "patient 0"), 2),
        (("--newer-than", "1h"), 3),
        (("--older-than", "1h"), 0),
        (("--tag", "vip"), 0),
    ],
)
def test_listing_is_narrowed_by_its_options(
    terminal: WardTerminal, options: tuple[str, ...], found: int
) -> None:
    terminal.ward.kill(1)
    terminal.ward.kill(2, tenant="acme")

    assert len(told(terminal.run("dead", "list", "visit", *options, "--json"))["jobs"]) == found


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--newer-than", "soon"), "--newer-than must be a duration"),
        (("--key", "number"), "--key must be FIELD=VALUE, got 'number'"),
        (("--cursor", "nonsense"), "cursor"),
    ],
)
def test_wrong_option_is_one_line(
    terminal: WardTerminal, options: tuple[str, ...], said: str
) -> None:
    refused = terminal.run("dead", "list", "visit", *options)

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert said in refused.stderr


def test_unknown_type_is_not_found(terminal: WardTerminal) -> None:
    for command in (("dead", "list"), ("dead", "groups"), ("dead", "retry-all"), ("list",)):
        assert terminal.run(*command, "nothing").exit_code == 3, command


def test_dead_job_is_shown_with_all_that_is_known(terminal: WardTerminal) -> None:
    (job_id,) = terminal.ward.kill(1)

    shown = terminal.run("dead", "show", job_id).stdout

    assert f"id          {job_id}" in shown
    assert 'data        {"number": 0}' in shown
    assert "attempt 1, " in shown
    assert "Traceback" in shown
    for happening in ("enqueued", "started", "failed"):
        assert f" {happening}" in shown


def test_machines_get_all_of_a_dead_job(terminal: WardTerminal) -> None:
    (job_id,) = terminal.ward.kill(1)

    detail = told(terminal.run("dead", "show", job_id, "--json"))

    assert (detail["job_id"], detail["data"]) == (job_id, {"number": 0})
    assert "OSError" in detail["texts"][0]
    assert detail["timeline"][0]["what"] == "enqueued"


def test_job_that_is_not_dead_is_a_conflict_and_unknown_ones_are_not_found(
    terminal: WardTerminal,
) -> None:
    job = terminal.run("enqueue", "visit", '{"number": 1}', "--id", "a-1")

    assert job.exit_code == 0
    assert terminal.run("dead", "show", "a-1").exit_code == 4
    assert terminal.run("dead", "retry", "a-1").exit_code == 4
    assert terminal.run("dead", "show", "nobody").exit_code == 3
    assert terminal.run("dead", "retry", "nobody").exit_code == 3


def test_retried_job_runs_again(terminal: WardTerminal) -> None:
    (job_id,) = terminal.ward.kill(1)
    terminal.ward.cure()

    done = terminal.run("dead", "retry", job_id, "--why", "cured")

    assert (done.exit_code, done.stdout) == (0, f"{job_id} retried, now pending\n")
    terminal.ward.stage.run_all()
    assert terminal.ward.states() == {State.COMPLETED: 1}


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_was_done_before_something_went_wrong_is_told(
    terminal: WardTerminal, form: tuple[str, ...]
) -> None:
    (job_id,) = terminal.ward.kill(1)

    done = terminal.run("dead", "retry", job_id, "nobody", *form)

    assert (done.exit_code, job_id in done.stdout) == (3, True)
    assert "nobody" in done.stderr


def test_retry_may_wait(terminal: WardTerminal) -> None:
    (job_id,) = terminal.ward.kill(1)

    done = told(terminal.run("dead", "retry", job_id, "--delay", "2h", "--json"))

    assert done == [{"id": job_id, "state": "scheduled", "done": "retried"}]


def test_payload_is_edited_on_the_command_line(terminal: WardTerminal) -> None:
    (job_id,) = terminal.ward.kill(1)
    terminal.ward.is_ill = lambda number: number == 0

    done = terminal.run("dead", "edit", job_id, "--data", '{"number": 7}', "--why", "wrong one")

    assert done.exit_code == 0, done.stderr
    terminal.ward.stage.run_all()
    assert terminal.ward.ran == [7]


def test_payload_is_edited_in_an_editor(terminal: WardTerminal) -> None:
    (job_id,) = terminal.ward.kill(1)
    terminal.is_terminal, terminal.edited = True, '{"number": 8}'
    terminal.ward.cure()

    done = terminal.run("dead", "edit", job_id)

    assert done.exit_code == 0, done.stderr
    assert json.loads(terminal.edits[0]) == {"number": 0}
    terminal.ward.stage.run_all()
    assert terminal.ward.ran == [8]


def test_editor_that_changes_nothing_retries_nothing(terminal: WardTerminal) -> None:
    (job_id,) = terminal.ward.kill(1)
    terminal.is_terminal = True

    refused = terminal.run("dead", "edit", job_id)

    assert (refused.exit_code, "nothing was changed" in refused.stderr) == (1, True)
    assert terminal.ward.states() == {State.FAILED: 1}


@pytest.mark.parametrize(
    ("data", "said"),
    [('{"number": "x"}', "number"), ("[]", "payload must be a JSON object"), (None, "--data")],
)
def test_edit_that_does_not_fit_is_refused_and_names_the_field(
    terminal: WardTerminal, data: str | None, said: str
) -> None:
    (job_id,) = terminal.ward.kill(1)

    refused = terminal.run("dead", "edit", job_id, *(["--data", data] if data else []))

    assert (refused.exit_code, said in refused.stderr) == (2, True)
    assert terminal.ward.states() == {State.FAILED: 1}


@pytest.mark.parametrize("verb", ["discard", "archive"])
def test_what_cannot_be_taken_back_is_asked_for(terminal: WardTerminal, verb: str) -> None:
    ids = terminal.ward.kill(2)

    nobody = terminal.run("dead", verb, *ids, "--why", "old")
    terminal.is_terminal = True
    no = terminal.run("dead", verb, *ids, "--why", "old", stdin="n\n")

    assert (nobody.exit_code, no.exit_code) == (2, 1)
    assert f"{verb} 2 jobs? nobody is there to say so; add --yes" in nobody.stderr
    assert "nothing was changed" in no.stderr
    assert terminal.ward.states() == {State.FAILED: 2}


def test_question_that_nobody_answers_changes_nothing(terminal: WardTerminal) -> None:
    (job_id,) = terminal.ward.kill(1)
    terminal.is_terminal = True

    left = terminal.run("dead", "discard", job_id, "--why", "old", stdin="")

    assert left.exit_code == 1, left.stderr
    assert "nothing was changed" in left.stderr
    assert terminal.ward.states() == {State.FAILED: 1}


@pytest.mark.parametrize(("verb", "done"), [("discard", "discarded"), ("archive", "archived")])
def test_confirmed_end_of_dead_jobs(terminal: WardTerminal, verb: str, done: str) -> None:
    first, second = terminal.ward.kill(2)
    terminal.is_terminal = True

    asked = terminal.run("dead", verb, first, "--why", "old", stdin="y\n")
    forced = terminal.run("dead", verb, second, "--why", "old", "--yes", "--json")

    assert f"{first} {done}, now discarded" in asked.stdout
    assert told(forced)[0]["done"] == done
    assert terminal.ward.states() == {State.DISCARDED: 2}


def test_text_of_a_dead_job_cannot_steer_the_terminal(terminal: WardTerminal) -> None:
    terminal.ward.stage.client.enqueue_json("visit", {"number": "\x1b[2J"}, job_id="a-1")
    terminal.ward.stage.run_all()

    for command in (("list", "visit"), ("show", "a-1"), ("groups", "visit")):
        assert "\x1b" not in terminal.run("dead", *command).stdout


def test_everything_that_was_done_is_in_the_audit(terminal: WardTerminal) -> None:
    (job_id,) = terminal.ward.kill(1)
    terminal.run("dead", "retry", job_id, "--why", "ticket 7")

    shown = terminal.run("audit")
    entries = told(terminal.run("audit", "--json"))["entries"]

    assert "ticket 7" in shown.stdout
    assert (entries[0]["by"], entries[0]["verb"], entries[0]["why"]) == ("ada", "retry", "ticket 7")


def test_audit_of_nothing_says_so(terminal: WardTerminal) -> None:
    assert terminal.run("audit").stderr == "nobody changed anything yet\n"
