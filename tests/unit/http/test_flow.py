"""Pauses, limits and breakers over HTTP."""

from datetime import timedelta

from tests.unit.http.office import ADMIN, Office
from tests.unit.operations.ward import a_job_type
from workerless import Dependency
from workerless.flow.breaker import NEW, opened

BANK = Dependency("bank", (OSError,))
WHY = {"why": "as asked"}


def test_queue_is_paused_and_resumed_in_the_callers_name() -> None:
    office = Office()
    until = (office.ward.clock.now() + timedelta(hours=1)).isoformat()

    status, paused = office.ask("POST /queues/visit/pause", {**WHY, "until": until})
    _, listed = office.ask("GET /queues")
    again, resumed = office.ask("POST /queues/visit/resume")
    refused, problem = office.ask("POST /queues/visit/resume")

    assert (status, paused["by"], paused["why"], paused["tenant"]) == (200, ADMIN, "as asked", None)
    assert listed["queues"][0]["paused"] == [paused]
    assert (again, resumed) == (200, paused)
    assert (refused, problem["code"]) == (409, "wrong_state")


def test_pause_that_cannot_be_is_a_bad_request() -> None:
    office = Office()

    past = {**WHY, "until": "2001-01-01T00:00:00Z"}
    assert office.ask("POST /queues/visit/pause", past)[0] == 400
    assert office.ask("POST /queues/visit/pause", {**WHY, "lane": "no"})[0] == 400
    assert office.ask("POST /queues/visit/pause", {})[0] == 400
    assert office.ask("POST /queues/nobody/pause", WHY)[0] == 404


def test_limit_is_set_listed_and_cleared() -> None:
    office = Office()
    office.ward.declared.clear()

    status, done = office.ask("POST /limits/rate:bank", {"limit": 5, "perMs": 60_000, **WHY})
    _, listed = office.ask("GET /limits")
    _, ended = office.ask("POST /limits/rate:bank/clear")

    assert (status, done["limit"], done["perMs"], done["by"]) == (200, 5, 60_000, ADMIN)
    assert listed["limits"] == [done]
    assert ended == done
    assert office.ask("POST /limits/rate:bank/clear")[0] == 409
    assert office.ask("POST /limits/bank", {"limit": 5, **WHY})[0] == 400


def test_breaker_is_listed_and_closed() -> None:
    office = Office()
    ward = office.ward
    ward.declared["visit"] = a_job_type(needs=(BANK,))
    ward.desk.breakers.save("bank", opened(NEW, BANK, ward.clock.now()))

    _, listed = office.ask("GET /breakers")
    status, was = office.ask("POST /breakers/bank/close", WHY)

    until = (ward.clock.now() + BANK.open_for).isoformat().replace("+00:00", "Z")
    shown = {"name": "bank", "stand": "open", "until": until, "failures": 0, "inARow": 1}
    assert listed["breakers"] == [shown]
    assert (status, was) == (200, shown)
    assert office.ask("POST /breakers/bank/close", WHY)[0] == 409
