"""Workflows over HTTP, as a caller meets them."""

from typing import Any

import pytest

from tests.unit.http.office import TENANTS, Office, role
from tests.unit.operations.rounds import a_round, start
from workerless.http.surface import Scope


@pytest.fixture
def office() -> Office:
    """One round of the first tenant failed with the third patient."""
    made = Office()
    made.ward.is_ill = lambda number: number == 3
    start(made.ward, "r-1", tenant=TENANTS[0])
    return made


def told(office: Office, key: str, body: Any = None, status: int = 200, **how: Any) -> Any:
    got, answer = office.ask(key, body, **how)
    assert got == status, answer
    return answer


def test_those_of_a_state_are_listed_with_what_they_are_part_of(office: Office) -> None:
    page = told(office, "GET /workflows", query="state=failed")

    rows = {one["id"]: one for one in page["workflows"]}
    assert (rows["r-1"]["name"], rows["r-1"]["kind"]) == ("round", "workflow")
    assert (rows["r-1"]["partOf"], rows["r-1.1:room"]["partOf"]) == (None, "r-1")
    assert told(office, "GET /workflows")["workflows"] == []
    assert told(office, "GET /workflows", query="kind=batch&state=failed")["workflows"] == []


def test_list_goes_on_at_its_cursor(office: Office) -> None:
    first = told(office, "GET /workflows", query="state=failed&limit=1")
    after = told(office, "GET /workflows", query=f"state=failed&cursor={first['cursor']}")

    ids = [one["id"] for one in (*first["workflows"], *after["workflows"])]
    assert sorted(ids) == ["r-1", "r-1.1:room"]


def test_one_is_shown_with_its_steps(office: Office) -> None:
    shown = told(office, "GET /workflows/r-1")

    assert (shown["state"], shown["total"], shown["failed"]) == ("failed", 2, 1)
    first, room = shown["steps"]
    assert (first["standing"], first["compensation"]) == ("completed", "completed")
    assert (room["standing"], room["isPart"], room["id"]) == ("failed", True, "r-1.1:room")


def test_tree_has_the_steps_of_parts(office: Office) -> None:
    tree = told(office, "GET /workflows/r-1/tree")

    room = tree["branches"][1]
    assert room["after"] == ["first"]
    assert [one["jobType"] for one in room["part"]["branches"]] == ["visit", "visit"]


def test_picture_is_an_image_in_which_nothing_runs(office: Office) -> None:
    answer = office.hand_in("GET /workflows/r-1/picture")

    assert answer["headers"]["Content-Type"].startswith("image/svg+xml")
    assert "default-src 'none'" in answer["headers"]["Content-Security-Policy"]
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert answer["body"].startswith("<svg ")


def test_picture_is_also_text_for_mermaid(office: Office) -> None:
    text = told(office, "GET /workflows/r-1/picture", query="form=mermaid")

    assert text.startswith("flowchart LR\n")


def test_retry_has_it_go_on(office: Office) -> None:
    office.ward.cure()

    asked = told(office, "POST /workflows/r-1/retry", {"why": "cured"}, 202)
    office.ward.stage.run_all()

    assert asked["state"] == "running"
    assert told(office, "GET /workflows/r-1")["state"] == "completed"


def test_retry_of_all_begins_anew_with_every_step(office: Office) -> None:
    asked = told(office, "POST /workflows/r-1/retry", {"all": True}, 202)

    assert [one["epoch"] for one in asked["steps"]] == [2, 2]


@pytest.mark.parametrize("body", [{"all": True, "steps": ["first"]}, {"steps": ["third"]}])
def test_retry_that_cannot_be_is_refused(body: Any, office: Office) -> None:
    assert told(office, "POST /workflows/r-1/retry", body, 400)["code"] == "invalid_request"


def test_cancel_ends_one_that_runs_and_says_why(office: Office) -> None:
    office.ward.stage.client.start(a_round(), workflow_id="r-2")

    told(office, "POST /workflows/r-2/cancel", {"why": "no more"}, 202)
    office.ward.stage.run_all()

    shown = told(office, "GET /workflows/r-2")
    assert (shown["state"], shown["reason"]) == ("cancelled", "no more")


def test_cancel_of_what_has_ended_is_a_conflict(office: Office) -> None:
    refused = told(office, "POST /workflows/r-1/cancel", {"why": "late"}, 409)

    assert refused["code"] == "wrong_state"


def test_there_is_none_and_it_is_not_told_whether_another_has_it(office: Office) -> None:
    other = role(TENANTS[1], Scope.READ)

    none = told(office, "GET /workflows/none", None, 404, by=other)
    theirs = told(office, "GET /workflows/r-1", None, 404, by=other)

    assert (none["code"], none["message"]) == ("workflow_not_found", "no such workflow")
    assert (theirs["code"], theirs["message"]) == (none["code"], none["message"])
    page = told(office, "GET /workflows", query="state=failed", by=other)
    assert page == {"workflows": [], "cursor": None}


def test_dead_step_of_what_was_made_good_is_retried_by_force_alone(office: Office) -> None:
    (dead,) = told(office, "GET /queues/visit/dead")["jobs"]
    retry = f"POST /queues/visit/dead/{dead['id']}/retry"

    refused = told(office, retry, {}, status=400)

    assert "or force it" in str(refused)
    assert told(office, retry, {"force": True}) == {"success": True}
