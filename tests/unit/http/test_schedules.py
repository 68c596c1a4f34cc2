"""Schedules over HTTP, as a caller meets them."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.http.office import ADMIN, TENANTS, Office, role
from tests.unit.schedule.at_nine import a_plan
from workerless.execution.schedule_sweep import sweep_schedules
from workerless.frozen import replace
from workerless.http.surface import Scope
from workerless.schedule.stand import Outcome, Run, Stand
from workerless.schedule.when import Cron

VISITS = "visit--rounds"
WHY = {"why": "as asked"}
DAY = timedelta(days=1)


@pytest.fixture
def office() -> Office:
    """It is midnight; visits are at nine in Berlin, on all days of the first tenant."""
    made = Office()
    made.ward.cure()
    plan = a_plan(
        schedule_id=VISITS,
        job_type="visit",
        when=Cron("0 9 * * *", timezone="Europe/Berlin"),
        data={"number": 7},
        tenant=TENANTS[0],
        spread=timedelta(minutes=2),
    )
    made.ward.desk.stands.save(Stand(schedule_id=VISITS, plan=plan))
    made.ward.stage.doubles.scheduler.put(plan)
    sweep(made)
    return made


def sweep(office: Office) -> None:
    sweep_schedules(office.ward.stage.doubles.schedule_sweeper())


def told(office: Office, key: str, body: Any = None, status: int = 200, **how: Any) -> Any:
    got, answer = office.ask(key, body, **how)
    assert got == status, answer
    return answer


def test_schedule_is_listed_and_shown_with_when_it_is_due(office: Office) -> None:
    (row,) = told(office, "GET /schedules")["schedules"]
    shown = told(office, f"GET /schedules/{VISITS}")

    assert shown | row == shown
    assert (row["id"], row["jobType"], row["dynamic"]) == (VISITS, "visit", True)
    assert (row["when"], row["timezone"]) == ("0 9 * * *", "Europe/Berlin")
    assert row["description"] == "At 09:00 every day (Europe/Berlin)"
    assert (row["next"], row["paused"], row["last"]) == ("2026-01-01T08:00:00Z", None, None)
    assert (shown["data"], shown["overlap"], shown["spreadMs"]) == ({"number": 7}, "skip", 120_000)
    assert shown["upcoming"] == [f"2026-01-0{day}T08:00:00Z" for day in range(1, 6)]
    ticks = told(office, f"GET /schedules/{VISITS}/next", query="number=2")["ticks"]
    assert ticks == shown["upcoming"][:2]


def test_schedule_is_paused_and_resumed_in_the_callers_name(office: Office) -> None:
    until = (office.ward.clock.now() + DAY).isoformat()

    paused = told(office, f"POST /schedules/{VISITS}/pause", {**WHY, "until": until})
    shown = told(office, f"GET /schedules/{VISITS}")
    resumed = told(office, f"POST /schedules/{VISITS}/resume")

    assert (paused["by"], paused["why"], paused["until"]) == (
        ADMIN,
        "as asked",
        shown["paused"]["until"],
    )
    assert shown["next"] == "2026-01-02T08:00:00Z"
    assert shown["upcoming"][0] == "2026-01-01T08:00:00Z"
    assert resumed == paused
    assert told(office, f"POST /schedules/{VISITS}/resume", status=409)["code"] == "wrong_state"
    told(office, f"POST /schedules/{VISITS}/pause", WHY)
    assert told(office, "GET /schedules")["schedules"][0]["next"] is None
    verbs = [(one["verb"], one["by"]) for one in told(office, "GET /audit")["entries"]]
    assert ("pause schedule", ADMIN) in verbs


def test_its_job_is_run_now(office: Office) -> None:
    job_id = told(office, f"POST /schedules/{VISITS}/run", WHY, status=202)["jobId"]

    office.ward.stage.drain()
    job = told(office, f"GET /jobs/{job_id}", by=role(TENANTS[0], Scope.READ))
    assert (job["state"], job["data"], job["tenant"]) == ("completed", {"number": 7}, TENANTS[0])


def test_backfill_is_looked_at_done_and_followed(office: Office) -> None:
    path = f"POST /schedules/{VISITS}/backfill"
    span = {"first": "2025-12-29T00:00:00Z", "last": "2026-01-01T00:00:00Z", "limit": 2}

    dry = told(office, path, {**span, "dryRun": True}, status=202)
    assert dry["ticks"] == [f"2025-12-{day}T08:00:00Z" for day in (29, 30, 31)]
    assert (dry["id"], dry["leftOut"], dry["atLeast"]) == (None, 0, False)
    assert office.ward.records() == []
    made = told(office, path, span, status=202)
    assert (made["started"], made["by"], made["finishedAt"]) == (0, ADMIN, None)
    assert told(office, path, span, status=409)["code"] == "wrong_state"
    sweep(office)
    shown = told(office, f"GET /schedules/{VISITS}")
    assert (shown["backfill"]["id"], shown["backfill"]["started"]) == (made["id"], 2)
    assert [run["backfill"] for run in shown["runs"]] == [made["id"]] * 2

    stopped = told(office, f"{path}/stop", WHY)
    assert stopped["finishedAt"] is not None
    assert told(office, f"{path}/stop", status=409)["code"] == "wrong_state"


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("pause", {}),
        ("pause", {**WHY, "until": "2001-01-01T00:00:00Z"}),
        ("pause", {**WHY, "until": "9999-12-31T23:59:59Z"}),
        ("pause", {**WHY, "until": "2026-02-01T00:00:00"}),
        ("backfill", {"first": "2025-12-31T00:00:00Z", "last": "2026-01-02T00:00:00Z"}),
        ("backfill", {"first": "2025-12-31T00:00:00Z", "last": "2025-12-30T00:00:00Z"}),
        (
            "backfill",
            {"first": "0001-01-01T00:00:00Z", "last": "2025-12-30T00:00:00Z", "dryRun": True},
        ),
        (
            "backfill",
            {"first": "2025-12-30T00:00:00Z", "last": "9999-12-31T23:59:59Z", "dryRun": True},
        ),
        ("backfill", {"first": "2025-12-30T00:00:00Z", "last": "2025-12-31T00:00:00Z", "limit": 0}),
    ],
)
def test_what_cannot_be_is_a_bad_request(office: Office, verb: str, body: Any) -> None:
    answer = told(office, f"POST /schedules/{VISITS}/{verb}", body, status=400)

    assert answer["code"] == "invalid_request"


@pytest.mark.parametrize("schedule_id", ["visit--none", "visit-none", "none"])
def test_schedule_that_is_not_there_is_404(office: Office, schedule_id: str) -> None:
    answer = told(office, f"GET /schedules/{schedule_id}", status=404)

    assert (answer["code"], answer["message"]) == ("schedule_not_found", "no such schedule")


def test_tenant_is_told_its_own_name_and_no_operators(office: Office) -> None:
    mine = role(TENANTS[0], Scope.OPERATE)
    read = role(TENANTS[0], Scope.READ)
    span = {"first": "2025-12-29T00:00:00Z", "last": "2026-01-01T00:00:00Z"}

    told(office, f"POST /schedules/{VISITS}/pause", WHY)
    told(office, f"POST /schedules/{VISITS}/backfill", span, status=202)
    shown = told(office, f"GET /schedules/{VISITS}", by=read)
    assert (shown["paused"]["by"], shown["backfill"]["by"]) == (None, None)
    assert told(office, f"POST /schedules/{VISITS}/pause", WHY, by=mine)["by"] == mine


def test_last_run_tells_how_its_job_ended(office: Office) -> None:
    office.ward.stage.advance(DAY)

    for shown in (
        told(office, "GET /schedules")["schedules"][0]["last"],
        told(office, f"GET /schedules/{VISITS}")["runs"][-1],
    ):
        assert (shown["tick"], shown["state"]) == ("2026-01-01T08:00:00Z", "completed")


def test_run_of_a_tick_tells_its_job_and_what_it_covers(office: Office) -> None:
    (stand,) = office.ward.desk.stands.read_many([VISITS])
    assert stand is not None
    now = office.ward.clock.now()
    run = Run(tick=now, outcome=Outcome.STARTED, at=now, job_id="visit--rounds:1", after=now - DAY)
    office.ward.desk.stands.save(replace(stand, runs=(run,)))

    last = told(office, "GET /schedules")["schedules"][0]["last"]

    assert last == {
        "tick": "2026-01-01T00:00:00Z",
        "outcome": "started",
        "at": "2026-01-01T00:00:00Z",
        "count": 1,
        "jobId": "visit--rounds:1",
        "state": None,
        "after": "2025-12-31T00:00:00Z",
        "backfill": None,
    }
