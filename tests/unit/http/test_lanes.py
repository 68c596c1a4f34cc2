"""Lanes over HTTP: asked for, refused, shown and measured."""

import pytest

from tests.unit.http.office import Office
from tests.unit.operations.ward import a_job_type
from workerless import TIERS, MaxWaiting

NO_MESSAGES = {"waiting": 0, "active": 0, "delayed": 0}


@pytest.fixture
def office() -> Office:
    return Office(job_type=a_job_type(lanes=TIERS, concurrency=10))


def test_job_goes_into_its_lane_and_tells(office: Office) -> None:
    _, answer = office.ask("POST /jobs/visit", {"data": {"number": 1}, "lane": "premium"})

    _, job = office.ask(f"GET /jobs/{answer['jobId']}")
    _, listed = office.ask("GET /queues")
    assert job["lane"] == "premium"
    assert listed["queues"][0]["lanes"] == {
        "premium": NO_MESSAGES | {"waiting": 1},
        "standard": NO_MESSAGES,
        "free": NO_MESSAGES,
    }


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"lane": "vip"}, "lane"),
        ({"priority": "high"}, "priority"),
        ({"priority": 3}, "priority"),
        ({"priority": True}, "body.priority.int"),
    ],
)
def test_lane_that_there_is_not_is_refused(
    office: Office, asked: dict[str, str | int], field: str
) -> None:
    status, answer = office.ask("POST /jobs/visit", {"data": {"number": 1}, **asked})

    assert (status, answer["field"]) == (400, field)
    assert office.ward.records() == []


def test_each_lane_has_figures(office: Office) -> None:
    office.ask("POST /jobs/visit", {"data": {"number": 1}, "lane": "free"})

    _, text = office.ask("GET /metrics")

    assert 'queue_lane_waiting_jobs{queue_name="visit",lane="free"} 1' in text
    assert 'queue_lane_waiting_jobs{queue_name="visit",lane="premium"} 0' in text


def test_who_finds_no_room_is_told_when_to_ask_again() -> None:
    office = Office(job_type=a_job_type(max_waiting=MaxWaiting(limit=1)))
    office.enqueue(1)

    answer = office.hand_in("POST /jobs/visit", {"data": {"number": 2}})

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (429, "2")
