"""schedules: what is printed and how it ends."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli_ward import WardTerminal
from tests.unit.schedule.at_nine import HOUR, a_plan
from workerless import Cron, Once
from workerless.execution.schedule_sweep import sweep_schedules
from workerless.schedule.stand import Stand

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


def test_list_tells_what_became_of_the_last_job_and_why_one_is_paused(
    terminal: WardTerminal,
) -> None:
    terminal.ward.stage.advance(HOUR)
    assert terminal.run("schedules", "list").stdout.endswith("2026-01-01 04:00  completed\n")

    terminal.ward.is_ill = lambda _: True
    terminal.ward.stage.advance(HOUR)
    terminal.run("schedules", "pause", VISITS, "--why", "all are ill", "--for", "3h")

    heading, row = terminal.run("schedules", "list").stdout.splitlines()
    assert heading.endswith("paused")
    assert row.endswith("2026-01-01 05:00  retrying  until 2026-01-01 08:00: all are ill")
    (one,) = told(terminal.run("schedules", "list", "--json"))["schedules"]
    assert (one["runs"][-1]["state"], one["next"]) == ("retrying", "2026-01-01T08:00:00+00:00")


def test_show_tells_all_of_it_and_when_it_is_due_on_its_own_clocks(terminal: WardTerminal) -> None:
    plan = a_plan(
        schedule_id="visit--nine",
        job_type="visit",
        when=Cron("0 9 * * 1-5", timezone="Europe/Berlin"),
        data={"number": 1},
        tenant="acme",
        tags=("a", "b"),
        start=terminal.ward.clock.now(),
        spread=timedelta(minutes=5),
        window=timedelta(minutes=10, seconds=30),
    )
    terminal.ward.desk.stands.save(Stand(schedule_id=plan.schedule_id, plan=plan))

    shown = terminal.run("schedules", "show", plan.schedule_id).stdout
    ticks = terminal.run("schedules", "next", plan.schedule_id, "-n", "1").stdout
    terminal.run("schedules", "pause", plan.schedule_id, "--why", "closed")
    paused = terminal.run("schedules", "show", plan.schedule_id).stdout

    assert shown == (
        "schedule  visit--nine\n"
        "job type  visit\n"
        "is due    At 09:00 on Monday through Friday (Europe/Berlin)\n"
        "as        0 9 * * 1-5\n"
        "within    from 2026-01-01 03:00 UTC\n"
        "spread    5 minutes\n"
        'data      {"number": 1}\n'
        "tenant    acme\n"
        "tags      a, b\n"
        "overlap   skip\n"
        "missed    latest, up to 0:10:30 old; a tick is missed after 5 minutes\n"
        "next      2026-01-01 08:00 UTC (Thu 09:00 Europe/Berlin)\n"
        "          2026-01-02 08:00 UTC (Fri 09:00 Europe/Berlin)\n"
        "          2026-01-05 08:00 UTC (Mon 09:00 Europe/Berlin)\n"
    )
    assert ticks == "2026-01-01 08:00 UTC (Thu 09:00 Europe/Berlin)\n"
    assert "paused    since 2026-01-01 03:00 UTC by ada: closed\n" in paused
    assert "next      once somebody resumes it\n" in paused


def test_schedule_of_the_past_is_never_due(terminal: WardTerminal) -> None:
    when = Once(terminal.ward.clock.now() - HOUR)
    plan = a_plan(schedule_id="visit--once", job_type="visit", data={"number": 1}, when=when)
    terminal.ward.desk.stands.save(Stand(schedule_id=plan.schedule_id, plan=plan))

    assert terminal.run("schedules", "next", plan.schedule_id).stdout == "never\n"
    assert "next      never\n" in terminal.run("schedules", "show", plan.schedule_id).stdout
    assert "never" in terminal.run("schedules", "list").stdout


def test_dry_run_says_where_it_ended(terminal: WardTerminal) -> None:
    span = ("--from", "2025-01-01T00:00", "--to", "2026-01-01T03:00", "--dry-run")

    shown = terminal.run("schedules", "backfill", VISITS, *span)

    *ticks, counted, ended = shown.stdout.splitlines()
    assert (len(ticks), counted) == (1_000, "1000 ticks would run, 0 would not")
    assert ended == "only the first 1,000 of the range were looked at"
    assert told(terminal.run("schedules", "backfill", VISITS, *span, "--json"))["at_least"]


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
    assert resumed.stdout == f"{VISITS}: next 2026-01-01 04:00 UTC\n"
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
