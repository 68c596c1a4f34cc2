"""workerless contract: what a release is held to, and how it is written down."""

import json
from pathlib import Path

import pytest

from tests.unit.cli import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(folder=tmp_path)


def event(folder: Path, file: str, *, queue: str, name: str) -> None:
    (folder / "events").mkdir(exist_ok=True)
    arn, body = f"arn:aws:sqs:eu-central-1:1:{queue}", json.dumps({"name": name})
    record = {"eventSourceARN": arn, "body": body}
    (folder / "events" / file).write_text(json.dumps({"Records": [record]}))


def declare(terminal: Terminal, was: str, now: str) -> None:
    job = terminal.folder / "functions" / "greet" / "job.py"
    text = job.read_text()
    assert was in text
    job.write_text(text.replace(was, now))


def contract(terminal: Terminal) -> dict[str, object]:
    told: dict[str, object] = json.loads((terminal.folder / "contracts" / "greet.json").read_text())
    return told


def test_what_is_recorded_breaks_nothing(terminal: Terminal) -> None:
    recorded = terminal.run("contract", "record")
    checked = terminal.run("contract", "check", "--recorded")

    assert (recorded.exit_code, recorded.output) == (0, "contracts/greet.json\n")
    assert checked.exit_code == 0
    assert "1 job types, none would break" in checked.output
    assert terminal.connected == []  # nothing is asked of AWS


def test_new_job_type_fails_only_who_asks_for_what_is_recorded(terminal: Terminal) -> None:
    assert terminal.run("contract", "check").exit_code == 0

    strict = terminal.run("contract", "check", "--recorded")

    assert strict.exit_code == 1
    assert "not recorded as declared now: greet" in strict.output


def test_break_is_told_with_its_fix_and_not_recorded(terminal: Terminal) -> None:
    terminal.run("contract", "record")
    before = contract(terminal)
    declare(terminal, "min_length=1", "min_length=5")

    checked = terminal.run("contract", "check")
    recorded = terminal.run("contract", "record")

    assert checked.exit_code == recorded.exit_code == 1
    assert "breaks  greet" in checked.output
    assert "payload.name takes at least 5 characters, may have 1" in checked.output
    assert "raise version to 2" in checked.output
    assert "1 job types, 1 would break" in checked.output
    assert "nothing was recorded" in recorded.output
    assert contract(terminal) == before


def test_scripts_get_kinds(terminal: Terminal) -> None:
    terminal.run("contract", "record")
    declare(terminal, "name: Annotated", "title: str\n    name: Annotated")

    told = json.loads(terminal.run("--json", "contract", "check").output)

    assert told["breaks"] is True
    assert told["unrecorded"] == ["greet"]
    assert {one["kind"] for one in told["findings"] if one["breaks"]} == {"waiting"}


def test_payloads_are_those_of_events_of_the_queue_that_are_read(terminal: Terminal) -> None:
    event(terminal.folder, "greet_bare.json", queue="workerless-prod-greet", name="Ada")
    event(terminal.folder, "greet_lane.json", queue="workerless-dev-greet--slow", name="Grace")
    event(terminal.folder, "greet_invalid.json", queue="workerless-prod-greet", name="")
    event(terminal.folder, "other_bare.json", queue="workerless-prod-other", name="Joan")
    event(terminal.folder, "twice.json", queue="workerless-prod-greet", name="Ada")
    (terminal.folder / "events" / "broken.json").write_text("{")

    terminal.run("contract", "record")

    assert contract(terminal)["payloads"] == [
        {"version": 1, "data": {"name": "Ada"}},
        {"version": 1, "data": {"name": "Grace"}},
    ]


def test_payloads_of_events_that_are_gone_are_kept(terminal: Terminal) -> None:
    event(terminal.folder, "greet_bare.json", queue="workerless-prod-greet", name="Ada")
    terminal.run("contract", "record")
    event(terminal.folder, "greet_bare.json", queue="workerless-prod-greet", name="Grace")

    terminal.run("contract", "record")

    assert contract(terminal)["payloads"] == [
        {"version": 1, "data": {"name": "Ada"}},
        {"version": 1, "data": {"name": "Grace"}},
    ]


def test_new_docstring_is_no_change(terminal: Terminal) -> None:
    terminal.run("contract", "record")
    declare(terminal, "Greets somebody.", "Greets anybody.")

    again = terminal.run("contract", "record")

    assert (again.exit_code, again.output) == (0, "all is recorded already\n")


def test_scheduled_payload_is_recorded(terminal: Terminal) -> None:
    declare(
        terminal,
        "payload=Greet",
        'payload=Greet, schedules=(Schedule("d", Cron("0 9 * * *"), Greet(name="Eve")),)',
    )
    declare(terminal, "import JobType", "import Cron, Schedule, JobType")

    terminal.run("contract", "record")

    assert contract(terminal)["payloads"] == [{"version": 1, "data": {"name": "Eve"}}]


@pytest.mark.parametrize("text", ["{", '{"version": 1}', '{"version": 0, "schema": {}}'])
def test_file_that_nobody_wrote_is_named(terminal: Terminal, text: str) -> None:
    terminal.run("contract", "record")
    (terminal.folder / "contracts" / "greet.json").write_text(text)

    refused = terminal.run("contract", "check")

    assert refused.exit_code == 2
    assert "contracts/greet.json must be as `workerless contract record` wrote it" in refused.output


def test_outside_of_a_checkout_it_is_refused(terminal: Terminal) -> None:
    (terminal.folder / "cdk.json").unlink()

    assert terminal.run("contract", "check").exit_code == 2
