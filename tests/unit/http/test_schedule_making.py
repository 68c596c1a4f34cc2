"""Schedules made at run time over HTTP."""

from typing import Any

import pytest

from tests.unit.http.office import ADMIN, TENANTS, Office, role
from tests.unit.schedule.at_nine import HOUR, a_plan
from workerless.errors import PlatformUnavailableError
from workerless.http.surface import Scope
from workerless.schedule.plan import Plan
from workerless.schedule.stand import Stand

NINE = "PUT /schedules/visit/nine"
WANTED = {"when": "0 9 * * 1-5", "timezone": "Europe/Berlin", "data": {"number": 7}}
MINE, THEIRS = (role(tenant, Scope.OPERATE) for tenant in TENANTS)


@pytest.fixture
def office() -> Office:
    made = Office()
    made.ward.cure()
    return made


def told(office: Office, key: str, body: Any = None, status: int = 200, **how: Any) -> Any:
    got, answer = office.ask(key, body, **how)
    assert got == status, answer
    return answer


def ids(office: Office, **how: Any) -> list[str]:
    return [one["id"] for one in told(office, "GET /schedules", **how)["schedules"]]


def test_schedule_is_made_runs_and_is_deleted(office: Office) -> None:
    made = told(office, NINE, {**WANTED, "when": "rate(1 hour)", "timezone": "UTC", "why": "new"})

    assert (made["created"], made["changed"]) == (True, True)
    assert made["schedule"]["id"] == "visit--nine"
    assert office.ward.stage.doubles.scheduler.entries.keys() == {"visit--nine"}
    office.ward.stage.advance(HOUR)
    assert office.ward.ran == [7]
    assert told(office, "DELETE /schedules/visit--nine", query="why=old") == {"success": True}
    assert office.ward.stage.doubles.scheduler.entries == {}
    assert told(office, "GET /schedules/visit--nine", status=404)["code"] == "schedule_not_found"
    told(office, "DELETE /schedules/visit--nine", status=404)
    entries = told(office, "GET /audit")["entries"]
    noted = {(one["verb"], one["by"], one["why"]) for one in entries}
    assert {("put schedule", ADMIN, "new"), ("delete schedule", ADMIN, "old")} <= noted


def test_same_schedule_again_changes_nothing_and_another_takes_its_place(office: Office) -> None:
    told(office, NINE, WANTED)

    again = told(office, NINE, WANTED)
    other = told(office, NINE, {**WANTED, "when": "0 10 * * *"})

    assert (again["created"], again["changed"]) == (False, False)
    assert (other["created"], other["changed"]) == (False, True)
    assert other["schedule"]["when"] == "0 10 * * *"
    assert ids(office) == ["visit--nine"]


def test_dry_run_tells_when_it_would_be_due_and_keeps_nothing(office: Office) -> None:
    dry = told(office, NINE, {**WANTED, "dryRun": True})

    assert (dry["created"], dry["changed"]) == (False, False)
    assert dry["schedule"]["upcoming"][0] == "2026-01-01T08:00:00Z"
    assert ids(office) == []
    assert told(office, "GET /audit")["entries"] == []


def test_all_that_is_said_is_kept(office: Office) -> None:
    said = {
        **WANTED,
        "overlap": "allow",
        "missed": "all",
        "windowMs": 7_200_000,
        "toleranceMs": 60_000,
        "spreadMs": 120_000,
        "start": "2026-01-02T00:00:00Z",
        "end": "2026-02-01T00:00:00Z",
        "tenant": "acme",
        "tags": ["a", "b"],
    }

    kept = told(office, NINE, said)["schedule"]

    assert {name: kept[name] for name in said} == said


def test_tenants_that_chose_the_same_key_have_two_schedules(office: Office) -> None:
    mine = told(office, NINE, WANTED, by=MINE)["schedule"]
    theirs = told(office, NINE, WANTED, by=THEIRS)["schedule"]
    nobodys = told(office, NINE, WANTED)["schedule"]

    assert len({mine["id"], theirs["id"], nobodys["id"]}) == 3
    assert (mine["tenant"], theirs["tenant"], nobodys["tenant"]) == (*TENANTS, None)
    assert ids(office, by=role(TENANTS[0], Scope.READ)) == [mine["id"]]
    for other in (theirs, nobodys):
        told(office, f"DELETE /schedules/{other['id']}", by=MINE, status=404)
    assert len(ids(office)) == 3
    # Whoever makes it for a tenant means the tenant's own.
    again = told(office, NINE, {**WANTED, "tenant": TENANTS[0]})
    assert (again["schedule"]["id"], again["changed"]) == (mine["id"], False)


def test_tenant_makes_none_for_another(office: Office) -> None:
    answer = told(office, NINE, {**WANTED, "tenant": TENANTS[1]}, by=MINE, status=403)

    assert (answer["code"], answer["field"]) == ("forbidden", "body.tenant")
    assert ids(office) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"when": "61 * * * *"}, "invalid_request"),
        ({"when": "at(2025-01-01T00:00:00)"}, "invalid_request"),
        ({"when": "at(9999-12-31T23:59:59)"}, "invalid_request"),
        ({"timezone": "Mars/Olympus"}, "invalid_request"),
        ({"start": "9999-12-31T23:59:59Z"}, "invalid_request"),
        ({"end": "2020-01-01T00:00:00Z"}, "invalid_request"),
        ({"toleranceMs": 1}, "invalid_request"),
        ({"spreadMs": 1}, "invalid_request"),
        ({"overlap": "sometimes"}, "invalid_request"),
        ({"tags": ["two words"]}, "invalid_request"),
        ({"tenant": "two words"}, "invalid_request"),
        ({"data": {"number": "secret-1"}}, "invalid_payload"),
        ({"data": {}}, "invalid_payload"),
        ({"more": 1}, "invalid_request"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    office: Office, wrong: dict[str, Any], code: str
) -> None:
    answer = told(office, NINE, {**WANTED, **wrong}, status=400)

    assert answer["code"] == code
    assert "secret-1" not in str(answer)
    assert ids(office) == []


def test_key_and_job_type_must_be_some(office: Office) -> None:
    told(office, "PUT /schedules/visit/-x", WANTED, status=400)
    told(office, f"PUT /schedules/visit/{'x' * 60}", WANTED, status=400)
    answer = told(office, "PUT /schedules/nobody/nine", WANTED, status=404)
    assert answer["code"] == "unknown_job_type"


def test_declared_schedule_is_not_deleted(office: Office) -> None:
    plan = a_plan(schedule_id="visit-hourly", job_type="visit", data={"number": 1})
    office.ward.desk.stands.save(Stand(schedule_id=plan.schedule_id, plan=plan))

    answer = told(office, "DELETE /schedules/visit-hourly", status=400)

    assert answer["code"] == "invalid_request"


def test_scheduler_that_does_not_answer_is_told_and_the_schedule_is_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_: Plan) -> None:
        raise PlatformUnavailableError("no answer")

    monkeypatch.setattr(office.ward.stage.doubles.scheduler, "put", silent)

    answer = told(office, NINE, WANTED, status=503)

    assert answer["code"] == "unavailable"
    assert ids(office) == ["visit--nine"]
