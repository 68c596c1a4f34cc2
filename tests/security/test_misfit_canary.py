"""A payload that is not what its model says holds sensitive values in places of its own."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, model_validator

from tests.unit.cli_ward import WardTerminal
from tests.unit.http.office import Office
from tests.unit.operations.ward import Patient
from workerless import Fixed, JobType, Sensitive
from workerless.sensitive import REDACTED, paths_of, redacted, restored, texts

MARK = "canary-m15f"
RECURSIVE = {"number": 1, "files": [{"name": "seen", "files": [{"name": "too", "key": MARK}]}]}


class Card(BaseModel):
    """What only a bank may know."""

    pin: Sensitive[str]


class File(BaseModel):
    """Files may have files."""

    name: str
    key: Sensitive[str] | None = None
    files: list["File"] = []


class Known(Patient):
    """One patient, and what is not for all."""

    ward: str = ""
    token: Sensitive[str]
    notes: list[Sensitive[str]] = []  # noqa: RUF012 -- pydantic copies it
    card: Card | None = None
    files: list[File] = []  # noqa: RUF012 -- as above


class Guest(Patient):
    """Earlier there was nothing to hide of one."""

    ward: str = ""
    token: Sensitive[str] | None = None


SECRET: JobType[Any, Any] = JobType(
    name="visit",
    payload=Known,
    retry=Fixed(attempts=1, delay=timedelta(seconds=1)),
    timeout=timedelta(seconds=5),
)
MISPLACED: list[dict[str, Any]] = [
    {"token": "t", "notes": MARK},
    {"token": "t", "card": MARK},
    {"token": "t", "card": [MARK]},
    {"token": "t", "card": [{"pin": MARK}]},
    {"token": "t", "notes": {"first": [MARK]}},
]
MISNAMED: list[dict[str, Any]] = [
    {"Token": MARK},
    {"auth": {"token": MARK}},
    {"token": "t", "number": [MARK]},
]


def dead(office: Office, data: dict[str, Any], **envelope: Any) -> str:
    """The id of a job that another program sent, and that failed."""
    event = {"specversion": "1.0", "id": "j-1", "source": "shop", "type": "visit", "data": data}
    office.ward.stage.run_message(SECRET, json.dumps(event | envelope))
    office.ward.stage.run_all()
    return "j-1"


@pytest.mark.parametrize("wrong", MISPLACED + MISNAMED)
def test_no_view_shows_what_its_producer_put_elsewhere(wrong: Any, tmp_path: Path) -> None:
    office = Office(job_type=SECRET)
    job_id = dead(office, {"number": 1, **wrong})
    terminal = WardTerminal(folder=tmp_path)
    terminal.ward = office.ward

    asked = ("GET /queues/visit/dead", f"GET /queues/visit/dead/{job_id}", f"GET /jobs/{job_id}")
    told = [json.dumps(office.ask(one)) for one in asked]
    looks = [("jobs", "show"), ("dead", "show"), ("jobs", "show", "--json")]
    told += [terminal.run(*look, job_id).output for look in looks]

    assert MARK not in str(told)
    assert all(REDACTED in one for one in told)


@pytest.mark.parametrize("wrong", MISPLACED)
def test_before_anybody_knows_it_a_value_in_the_place_of_others_is_hidden_as_they_are(
    wrong: Any,
) -> None:
    data, hidden = {"number": 1, **wrong}, paths_of(Known)

    shown = redacted(data, hidden)

    assert MARK not in str(shown)
    assert shown["number"] == 1
    assert MARK in texts(data, hidden)
    assert restored(shown, data, hidden) == data


def test_what_is_beside_a_value_at_any_depth_is_seen() -> None:
    shown = redacted(RECURSIVE, paths_of(Known))

    assert "seen" in str(shown)
    assert "too" in str(shown)
    assert MARK not in str(shown)


class Strict(Patient):
    """Says what it got."""

    token: Sensitive[str]

    @model_validator(mode="before")
    @classmethod
    def _check(cls, data: Any) -> Any:
        raise LookupError(f"no token in {data}")


def test_what_a_model_raises_quotes_nothing_of_what_it_refused() -> None:
    office = Office(job_type=replace(SECRET, payload=Strict))
    dead(office, {"number": 1, "Token": MARK})

    (record,) = office.ward.records()
    assert record.reason == "invalid_payload"
    assert record.errors[-1].message.startswith("no token in {")
    assert MARK not in str(record.errors)


def test_misfit_is_mended_without_knowing_the_rest() -> None:
    office = Office(job_type=SECRET)
    job_id = dead(office, {"number": "seven", "ward": "east", "token": MARK})
    _, shown = office.ask(f"GET /queues/visit/dead/{job_id}")

    mended = {"data": {**shown["data"], "number": 7}, "why": "a word"}
    done = office.ask(f"POST /queues/visit/dead/{job_id}/retry", mended)

    assert shown["data"] == {"number": REDACTED, "ward": REDACTED, "token": REDACTED}
    assert done[0] == 200
    (record,) = office.ward.records()
    data = json.loads(record.body)["data"]
    assert (data["number"], data["ward"], data["token"]) == (7, "east", MARK)


def test_what_stands_for_a_hidden_value_is_never_kept_as_one() -> None:
    """Of an earlier version all is hidden, and nothing of it can be put back."""
    second = replace(SECRET, payload=Guest, version=2)
    office = Office(job_type=second)
    job_id = dead(office, {"number": 1, "ward": "east"}, dataschema="urn:workerless:visit:1")
    _, shown = office.ask(f"GET /queues/visit/dead/{job_id}")

    edited = {"data": {**shown["data"], "number": 7}, "why": "a mistake"}
    status, answer = office.ask(f"POST /queues/visit/dead/{job_id}/retry", edited)
    planned = {"when": "0 9 * * *", "data": edited["data"], "why": "daily"}
    planning, refused = office.ask("PUT /schedules/visit/nine", planned)

    assert shown["data"] == {"number": REDACTED, "ward": REDACTED}
    assert (status, answer["field"]) == (planning, refused["field"]) == (400, "data")
    (record,) = office.ward.records()
    assert json.loads(record.body)["data"] == {"number": 1, "ward": "east"}
