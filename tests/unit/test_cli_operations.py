"""dead retry-all, clean and groups, operations: many dead jobs at once."""

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


def test_all_dead_jobs_are_retried_and_followed_to_the_end(terminal: WardTerminal) -> None:
    terminal.ward.kill(12)
    terminal.ward.cure()

    done = terminal.run("dead", "retry-all", "visit", "--yes", "--why", "cured")

    assert done.exit_code == 0, done.stderr
    assert "state       done" in done.stdout
    assert "12 done, 0 skipped, 0 failed of 12" in done.stdout
    terminal.ward.stage.run_all()
    assert terminal.ward.states() == {State.COMPLETED: 12}


def test_dry_run_tells_how_many_and_does_nothing(terminal: WardTerminal) -> None:
    terminal.ward.kill(3)

    said = terminal.run("dead", "retry-all", "visit", "--dry-run", "--error-type", "OSError")
    counted = told(terminal.run("dead", "clean", "visit", "--why", "x", "--dry-run", "--json"))

    assert said.stdout == "3 jobs of type visit, with error OSError\n"
    assert counted == {"jobs": 3, "at_least": False}
    assert terminal.ward.states() == {State.FAILED: 3}


def test_nothing_to_retry_is_no_question(terminal: WardTerminal) -> None:
    done = terminal.run("dead", "retry-all", "visit")

    assert (done.exit_code, done.stdout) == (0, "0 jobs of type visit\n")


def test_question_has_the_count(terminal: WardTerminal) -> None:
    terminal.ward.kill(3)

    nobody = terminal.run("dead", "retry-all", "visit")
    terminal.is_terminal = True
    no = terminal.run("dead", "clean", "visit", "--why", "x", stdin="n\n")

    assert (nobody.exit_code, no.exit_code) == (2, 1)
    assert "retry 3 jobs of type visit? nobody is there" in nobody.stderr
    assert "discard 3 jobs of type visit?" in no.stderr
    assert terminal.ward.states() == {State.FAILED: 3}


def test_canary_stops_what_fails_again_and_ends_with_one(terminal: WardTerminal) -> None:
    terminal.ward.kill(20)

    done = terminal.run("dead", "retry-all", "visit", "--canary", "1,10", "--yes")

    assert done.exit_code == 1
    assert "state       stopped" in done.stdout
    assert terminal.ward.states() == {State.FAILED: 20}
    assert [record.generation for record in terminal.ward.records()].count(2) == 1


def test_stopped_operation_is_resumed_once_its_cause_is_gone(terminal: WardTerminal) -> None:
    terminal.ward.kill(20)
    stopped = terminal.run("dead", "retry-all", "visit", "--canary", "1", "--yes", "--json")
    name = json.loads(stopped.stdout)["id"]
    terminal.ward.cure()

    done = told(terminal.run("operations", "resume", name, "--json"))

    assert done["state"] == "done"


@pytest.mark.parametrize("canary", ["one", "1,,2", ""])
def test_canary_that_is_none_is_refused(terminal: WardTerminal, canary: str) -> None:
    refused = terminal.run("dead", "retry-all", "visit", "--canary", canary, "--yes")

    assert (refused.exit_code, "--canary must be numbers" in refused.stderr) == (2, True)


def test_ctrl_c_leaves_the_operation_going_and_says_how_to_end_it(terminal: WardTerminal) -> None:
    terminal.ward.kill(3)
    terminal.ward.cure()
    terminal.interrupted = True

    left = terminal.run("dead", "retry-all", "visit", "--yes")

    (operation,) = terminal.ward.ledger.operations().items
    assert (left.exit_code, operation.stand) == (130, "running")
    for verb in ("watch", "abort"):
        assert f"workerless operations {verb} {operation.operation_id}" in left.stderr
    terminal.interrupted = False
    assert terminal.run("operations", "watch", operation.operation_id).exit_code == 0


def test_operation_that_nobody_drives_is_kicked(terminal: WardTerminal) -> None:
    terminal.ward.kill(3)
    terminal.ward.cure()
    terminal.asleep = True

    done = terminal.run("dead", "retry-all", "visit", "--yes")

    assert (done.exit_code, terminal.ward.kicks) == (0, 2)


def test_detached_operation_is_only_named(terminal: WardTerminal) -> None:
    terminal.ward.kill(3)

    done = terminal.run("dead", "retry-all", "visit", "--yes", "--detach")

    name = done.stdout.strip()
    assert f"workerless operations watch {name}" in done.stderr
    shown = told(terminal.run("operations", "show", name, "--json"))
    assert (shown["state"], shown["kind"], shown["counts"]["done"]) == ("running", "retry", 0)
    assert (shown["search"]["job_type"], shown["search"]["states"]) == ("visit", ["failed"])
    assert "tags" not in shown["search"]


def test_operation_is_aborted_after_a_question_and_can_be_resumed(terminal: WardTerminal) -> None:
    terminal.ward.kill(3)
    terminal.ward.cure()
    name = terminal.run("dead", "retry-all", "visit", "--yes", "--detach").stdout.strip()

    nobody = terminal.run("operations", "abort", name, "--why", "wait")
    aborted = told(terminal.run("operations", "abort", name, "--why", "wait", "--yes", "--json"))
    again = terminal.run("operations", "abort", name, "--why", "wait", "--yes")
    resumed = terminal.run("operations", "resume", name)

    assert "abort the retry of 3 jobs after 0?" in nobody.stderr
    assert (nobody.exit_code, aborted["state"], again.exit_code) == (2, "aborted", 4)
    assert resumed.exit_code == 0, resumed.stderr


def test_operations_are_listed_newest_first(terminal: WardTerminal) -> None:
    terminal.ward.kill(2)
    terminal.run("dead", "clean", "visit", "--why", "old", "--yes", "--text", "patient 0")
    terminal.run("dead", "clean", "visit", "--why", "old", "--yes", "--archive")

    shown = terminal.run("operations", "list").stdout.splitlines()
    listed = told(terminal.run("operations", "list", "--json"))["operations"]

    assert [one["kind"] for one in listed] == ["archive", "discard"]
    assert "text patient 0" in shown[2]
    assert terminal.ward.states() == {State.DISCARDED: 2}


def test_unknown_operation_is_not_found(terminal: WardTerminal) -> None:
    for verb in ("show", "watch", "resume"):
        assert terminal.run("operations", verb, "nothing").exit_code == 3
    assert terminal.run("operations", "list").stderr == "no operations\n"


def test_groups_tell_what_is_the_matter(terminal: WardTerminal) -> None:
    ids = terminal.ward.kill(3)

    shown = terminal.run("dead", "groups", "visit").stdout
    (group,) = told(terminal.run("dead", "groups", "visit", "--json"))["groups"]

    assert shown.startswith(group["fingerprint"])
    assert (group["count"], group["status"], set(group["sample_ids"]) <= set(ids)) == (
        3,
        "open",
        True,
    )
    assert "OSError: patient" in shown


def test_only_jobs_of_a_group_are_retried(terminal: WardTerminal) -> None:
    terminal.ward.kill(3)
    (group,) = told(terminal.run("dead", "groups", "visit", "--json"))["groups"]
    name = group["fingerprint"]

    some = terminal.run("dead", "retry-all", "visit", "--group", name, "--dry-run")
    none = terminal.run("dead", "retry-all", "visit", "--group", "0" * len(name), "--dry-run")

    assert (some.stdout, none.stdout) == (
        f"3 jobs of type visit, of group {name}\n",
        f"0 jobs of type visit, of group {'0' * len(name)}\n",
    )


@pytest.mark.parametrize(("verb", "status"), [("resolve", "resolved"), ("ignore", "ignored")])
def test_group_is_judged_and_the_word_taken_back(
    terminal: WardTerminal, verb: str, status: str
) -> None:
    terminal.ward.kill(1)
    (group,) = told(terminal.run("dead", "groups", "visit", "--json"))["groups"]
    name = group["fingerprint"]

    said = terminal.run("dead", verb, "visit", name, "--why", "fixed in 7")
    shown = terminal.run("dead", "groups", "visit").stdout
    back = told(terminal.run("dead", "reopen", "visit", name, "--json"))

    assert said.stdout == f"{name} {status}\n"
    assert (status in shown, "fixed in 7" in shown) == (True, True)
    assert back == {"group": name, "status": "open"}
    assert f"{'open':<9}" in terminal.run("dead", "groups", "visit").stdout


def test_no_groups_where_nothing_is_dead(terminal: WardTerminal) -> None:
    assert terminal.run("dead", "groups", "visit").stderr == "no dead jobs of type visit\n"
