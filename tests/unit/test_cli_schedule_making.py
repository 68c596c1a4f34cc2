"""schedules create and delete: what is printed and how it ends."""

import json
from pathlib import Path

import pytest

from tests.unit.cli_ward import WardTerminal

ACME = "visit--acme"
NINE = ("--when", "0 9 * * *", "--timezone", "Europe/Berlin")
TICKS = ["2026-01-01 08:00 UTC", "2026-01-02 08:00 UTC", "2026-01-03 08:00 UTC"]


@pytest.fixture
def terminal(tmp_path: Path) -> WardTerminal:
    return WardTerminal(folder=tmp_path)


def entries(terminal: WardTerminal) -> list[str]:
    return sorted(terminal.ward.stage.doubles.scheduler.entries)


def test_dry_run_tells_when_it_would_be_due_and_changes_nothing(terminal: WardTerminal) -> None:
    done = terminal.run("schedules", "create", "visit", "acme", '{"number": 1}', *NINE, "--dry-run")

    heading, *ticks = done.stdout.splitlines()
    assert heading.startswith(f"{ACME}: would be created; ")
    assert ticks[:3] == TICKS
    assert len(ticks) == 5
    assert entries(terminal) == []


def test_schedule_is_created_changed_and_left_as_it_is(terminal: WardTerminal) -> None:
    told = []
    for options in (NINE, (*NINE, "--overlap", "allow", "--window", "2d"), NINE, NINE):
        made = ("schedules", "create", "visit", "acme", '{"number": 1}', *options, "--json")
        told.append(json.loads(terminal.run(*made).stdout)["became"])

    assert told == ["created", "changed", "changed", "was like that"]
    dry = [
        terminal.run("schedules", "create", "visit", "acme", '{"number": 1}', *NINE, *more).stdout
        for more in (("--dry-run",), ("--dry-run", "--overlap", "allow"))
    ]
    assert [one.split("; ")[0] for one in dry] == [
        f"{ACME}: is like that",
        f"{ACME}: would be changed",
    ]
    assert entries(terminal) == [ACME]
    (first, *_) = terminal.ward.operations.audit.list().items
    assert (first.verb, first.on) == ("put schedule", ACME)


def test_all_of_a_schedule_can_be_said(terminal: WardTerminal) -> None:
    done = terminal.run(
        *("schedules", "create", "visit", "acme", '{"number": 1}', "--when", "rate(2 hours)"),
        *("--missed", "all", "--overlap", "queue_one", "--tolerance", "10m", "--spread", "15m"),
        *("--from", "2026-01-02", "--until", "2026-01-03T00:00+01:00", "--tenant", "acme"),
        *("--tag", "a", "--tag", "b", "--why", "they asked", "--json"),
    )

    told = json.loads(done.stdout)
    assert told["ticks"][0] == "2026-01-02T00:00:00+00:00"
    assert told["schedule"].startswith("visit--")
    assert told["schedule"].endswith(".acme")
    (plan,) = terminal.ward.stage.doubles.scheduler.entries.values()
    assert (plan.tenant, plan.tags, plan.spread.seconds) == ("acme", ("a", "b"), 900)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("visit", "a b", '{"number": 1}', *NINE), 2, "name must be letters"),
        (("visit", "a", '{"number": "x"}', *NINE), 2, "data.number"),
        (("visit", "a", '{"number": 1}', "--when", "0 9 * *"), 2, "5 fields"),
        (("visit", "a", '{"number": 1}', "--when", "at(2020-01-01T00:00)"), 2, "no tick to come"),
        (("visit", "a", '{"number": 1}', *NINE, "--timezone", "Mars"), 2, "timezone must be"),
        (("visit", "a", '{"number": 1}', *NINE, "--from", "nine"), 2, "--from must be"),
        (("nobody", "a", "{}", *NINE), 3, "nobody"),
    ],
)
def test_what_cannot_be_is_refused(
    terminal: WardTerminal, words: tuple[str, ...], code: int, says: str
) -> None:
    done = terminal.run("schedules", "create", *words)

    assert says in done.stderr
    assert done.exit_code == code


def test_schedule_is_deleted_once_somebody_says_so(terminal: WardTerminal) -> None:
    terminal.run("schedules", "create", "visit", "acme", '{"number": 1}', *NINE)

    refused = terminal.run("schedules", "delete", ACME)
    assert refused.exit_code != 0
    assert "add --yes" in refused.stderr
    assert entries(terminal) == [ACME]
    done = terminal.run("schedules", "delete", ACME, "--yes", "--why", "they left")
    assert done.stdout == f"{ACME}: deleted\n"
    assert entries(terminal) == []
    assert terminal.run("schedules", "delete", ACME, "--yes").exit_code == 3


def test_deletion_is_told_as_json(terminal: WardTerminal) -> None:
    terminal.run("schedules", "create", "visit", "acme", '{"number": 1}', *NINE)

    done = terminal.run("schedules", "delete", ACME, "--yes", "--json")
    assert json.loads(done.stdout) == {"schedule": ACME, "became": "deleted"}
