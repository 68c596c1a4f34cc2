"""A model's own check that raises what is no error of validation: who gave the payload is told."""

from dataclasses import replace

import pytest
from pydantic import ValidationError, field_validator

from tests.unit.http.office import Office
from tests.unit.operations.ward import VISIT, Patient
from workerless.cli.failure import CommandError
from workerless.cli.payload_argument import check_payload
from workerless.errors import EnqueueRefusedError
from workerless.misfit import checked, misfit
from workerless.schedule.when import Every
from workerless.scheduling.wanted import WantedSchedule, plan_wanted
from workerless.states import State

ROOMS = {1: "one"}
WORDS = "does not pass the check that its model makes, which raised KeyError"


class Guest(Patient):
    """``number`` is a room's, and the check forgets that there may be none."""

    @field_validator("number")
    @classmethod
    def _has_room(cls, number: int) -> int:
        assert ROOMS[number]
        return number


JOB_TYPE = replace(VISIT, payload=Guest)


@pytest.fixture
def office() -> Office:
    return Office(job_type=JOB_TYPE)


def test_it_is_said_of_the_data_as_a_whole() -> None:
    assert checked(Guest, {"number": 1}) == Guest(number=1)

    with pytest.raises(ValidationError) as caught:
        checked(Guest, {"number": 7})

    assert str(misfit(caught.value)) == f"data: {WORDS}"
    assert isinstance(caught.value.__cause__, KeyError)


def test_caller_over_http_is_told(office: Office) -> None:
    status, answer = office.ask("POST /jobs/visit", {"data": {"number": 7}})

    assert (status, answer["code"], answer["field"]) == (400, "invalid_payload", "data")
    assert answer["message"] == WORDS
    assert office.ward.records() == []


def test_operator_who_edits_is_told(office: Office) -> None:
    ward = office.ward
    job_id = ward.stage.client.enqueue(JOB_TYPE, Guest(number=1)).id
    ward.stage.run_all()

    with pytest.raises(EnqueueRefusedError, match=WORDS):
        ward.operations.dead.retry(job_id, data={"number": 7})
    assert ward.states() == {State.FAILED: 1}


def test_who_makes_a_schedule_is_told() -> None:
    wanted = WantedSchedule(key="k", when=Every(hours=1), data={"number": 7})

    with pytest.raises(EnqueueRefusedError, match=WORDS):
        plan_wanted(wanted, JOB_TYPE)


def test_command_line_is_told() -> None:
    with pytest.raises(CommandError, match=WORDS):
        check_payload(JOB_TYPE, {"number": 7})
