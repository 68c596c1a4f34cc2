"""The API under requests made from its own OpenAPI document: never a 5xx, nor a stack trace."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.unit.http.office import ADMIN, Office
from tests.unit.operations.rounds import a_round
from tests.unit.schedule.at_nine import a_plan
from workerless.http.asgi import Application
from workerless.http.surface import ROUTES
from workerless.schedule.stand import Stand

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
KEY = "let me in"
EXAMPLES = 40
# What there is to be found.
KNOWN = {"schedule_id": "visit--rounds", "job_type": "visit", "workflow_id": "round-1"}


def authorize(headers: Mapping[str, str]) -> Mapping[str, Any]:
    return {"iam": {"userArn": ADMIN}} if headers.get("authorization") == KEY else {}


@pytest.fixture(scope="module")
def operations() -> dict[str, Any]:
    office = Office()
    for number in range(3):
        office.kill(number)
    office.ward.desk.pulses.beat(office.ward.clock.now())  # else it tells that it is unwell
    rounds = a_plan(schedule_id=KNOWN["schedule_id"], job_type="visit", data={"number": 1})
    office.ward.desk.stands.save(Stand(schedule_id=rounds.schedule_id, plan=rounds))
    office.ward.stage.client.start(a_round(), workflow_id=KNOWN["workflow_id"])
    schema = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text()))
    schema.app = Application(office.api, authorize=authorize)
    found: list[Any] = [one.ok() for one in schema.get_all_operations()]  # type: ignore[union-attr]
    return {one.label: one for one in found}


@pytest.mark.parametrize("key", [route.key for route in ROUTES])
def test_every_answer_is_one_that_the_document_tells_of(
    key: str, operations: dict[str, Any]
) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operations[key].as_strategy(), is_known=st.booleans())
    def ask(case: Any, *, is_known: bool) -> None:
        if is_known:
            case.path_parameters |= {
                one: KNOWN[one] for one in case.path_parameters if one in KNOWN
            }
        answer = case.call(base_url="http://localhost", headers={"Authorization": KEY})
        # Valid by the schema is not yet a job type that exists, or a cursor that was given out.
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])
        assert "Traceback" not in answer.text
        assert 'File "' not in answer.text

    ask()
