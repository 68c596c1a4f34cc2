"""schedules: what is printed and how it ends."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli_ward import WardTerminal
from tests.unit.schedule.at_nine import HOUR, a_plan
from workerless.execution.schedule_sweep import sweep_schedules

VISITS = "visit-hourly"


@pytest.fixture
def terminal(tmp_path: Path) -> WardTerminal:
    """Three o'clock; patients are seen each hour."""
    made = WardTerminal(folder=tmp_path)
    made.ward.is_ill = lambda _: False
    made.ward.clock.advance(3 * HOUR)
    plan = a_plan(schedule_id=VISITS, job_type="visit", data={"number": 1})
    doubles = made.ward.stage.doubles
    doubles.plans.declared[VISITS] = plan
    sweep_schedules(doubles.schedule_sweeper())
    return made


def told(done: Any) -> Any:
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_list_tells_when_each_is_due_in_words(terminal: WardTerminal) -> None:
    shown = terminal.run("schedules", "list")

    heading, row = shown.stdout.splitlines()
    assert heading.split()[0] == "schedule"
    assert row.startswith(VISITS)
    assert "2026-01-01 04:00" in row
    (one,) = told(terminal.run("schedules", "list", "--json"))["schedules"]
    assert (one["schedule"], one["next"]) == (VISITS, "2026-01-01T04:00:00+00:00")


def test_next_tells_the_next_ticks(terminal: WardTerminal) -> None:
    shown = terminal.run("schedules", "next", VISITS, "-n", "2")

    assert shown.stdout == "2026-01-01 04:00 UTC\n2026-01-01 05:00 UTC\n"
    ticks = told(terminal.run("schedules", "next", VISITS, "--json"))["ticks"]
    assert len(ticks) == 5


def test_pause_and_resume_tell_how_it_stands(terminal: WardTerminal) -> None:
    paused = terminal.run("schedules", "pause", VISITS, "--why", "tax day", "--for", "90m")
    resumed = terminal.run("schedules", "resume", VISITS)
    again = terminal.run("schedules", "resume", VISITS)

    assert paused.stdout == (
        f"{VISITS}: paused since 2026-01-01 03:00 until 2026-01-01 04:30 UTC by ada: tax day\n"
    )
    assert resumed.stdout == f"{VISITS}: next 2026-01-01 04:00\n"
    assert (again.exit_code, again.stderr) == (4, f"workerless: schedule {VISITS} is not paused\n")
    assert terminal.run("schedules", "pause", VISITS).exit_code == 2


def test_paused_schedule_has_no_next_tick(terminal: WardTerminal) -> None:
    shape = told(terminal.run("schedules", "pause", VISITS, "--why", "x", "--json"))

    assert shape["paused"]["why"] == "x"
    assert "paused" in terminal.run("schedules", "list").stdout


def test_run_enqueues_its_job_now(terminal: WardTerminal) -> None:
    job_id = terminal.run("schedules", "run", VISITS).stdout.strip()

    terminal.ward.stage.drain()
    assert terminal.ward.stage.client.job(job_id).status().data == {"number": 1}
    assert told(terminal.run("schedules", "run", VISITS, "--json"))["schedule"] == VISITS


def test_backfill_is_shown_then_done_and_followed(terminal: WardTerminal) -> None:
    span = ("--from", "2026-01-01T01:00", "--to", "2026-01-01T04:00+01:00")

    dry = terminal.run("schedules", "backfill", VISITS, *span, "--dry-run")
    assert dry.stdout.splitlines()[-1] == "3 ticks would run, 0 would not"
    shape = told(terminal.run("schedules", "backfill", VISITS, *span, "--dry-run", "--json"))
    assert len(shape["ticks"]) == 3
    done = terminal.run("schedules", "backfill", VISITS, *span, "--limit", "3", "--why", "late")
    assert "goes on: 0 started, 0 left out" in done.stdout
    ward = terminal.ward
    for _ in range(3):
        ward.clock.advance(timedelta(minutes=1))
        sweep_schedules(ward.stage.doubles.schedule_sweeper())
        ward.stage.drain()
    shown = terminal.run("schedules", "show", VISITS).stdout
    assert "3 started, 0 left out" in shown
    assert "over since" in shown
    assert len(ward.ran) == 3
    assert told(terminal.run("schedules", "show", VISITS, "--json"))["backfill"]["started"] == 3
    assert terminal.run("schedules", "stop", VISITS).exit_code == 4


def test_wrong_words_are_refused(terminal: WardTerminal) -> None:
    span = ("--from", "nine", "--to", "2026-01-01T03:00")

    assert terminal.run("schedules", "backfill", VISITS, *span).exit_code == 2
    assert terminal.run("schedules", "show", "visit-daily").exit_code == 3
    shown = terminal.run("schedules", "list", "--cursor", "x")
    assert shown.exit_code == 2
