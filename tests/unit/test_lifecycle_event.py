"""lifecycle_event: which changes of a job an event bus hears of, and what of it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from workerless.lifecycle_event import STATES, JobChange, JobEvent, change, job_event
from workerless.record import AttemptError
from workerless.states import State
from workerless.testing.clock import START
from workerless.testing.sample import a_record

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "job-event.schema.json"
QUOTED = "ada@example.com"
LATER = START + timedelta(minutes=9)
ERROR = AttemptError(attempt=1, at=START, error_type="ValueError", message=QUOTED, traceback=QUOTED)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, {"state": State.PENDING}, JobChange.ENQUEUED),
        (None, {"state": State.SCHEDULED}, JobChange.ENQUEUED),
        (None, {"state": State.PROCESSING}, None),
        (None, {"state": State.FAILED}, JobChange.FAILED),
        ({"state": State.PENDING}, {"state": State.PROCESSING, "attempt": 1}, None),
        ({"state": State.PENDING}, {"state": State.SCHEDULED}, None),
        ({"state": State.PENDING}, {"state": State.CANCELLED}, JobChange.CANCELLED),
        ({"attempt": 1}, {"state": State.RETRYING, "attempt": 1}, JobChange.RETRYING),
        ({"attempt": 1}, {"state": State.RETRYING, "attempt": 0}, None),
        ({"attempt": 1}, {"state": State.SCHEDULED, "attempt": 0}, None),
        ({}, {"state": State.COMPLETED}, JobChange.COMPLETED),
        ({}, {"state": State.FAILED}, JobChange.FAILED),
        ({}, {"state": State.DISCARDED}, JobChange.DISCARDED),
        ({}, {"state": State.HELD}, JobChange.HELD),
        ({"state": State.FAILED}, {"state": State.FAILED, "attempt": 2}, None),
        ({"state": State.FAILED}, {"state": State.PENDING, "generation": 2}, JobChange.REDRIVEN),
        ({"state": State.FAILED}, {"state": State.DISCARDED}, JobChange.DISCARDED),
        ({}, {"state": State.PROCESSING, "stalled_at": START}, JobChange.STALLED),
        (
            {"stalled_at": START},
            {"state": State.PROCESSING, "stalled_at": LATER},
            JobChange.STALLED,
        ),
        ({"stalled_at": START}, {"state": State.PROCESSING, "stalled_at": START}, None),
        ({"stalled_at": START}, {"state": State.FAILED, "stalled_at": START}, JobChange.FAILED),
    ],
)
def test_each_change_is_told_once_for_what_it_is(
    before: dict[str, Any] | None, after: dict[str, Any], told: JobChange | None
) -> None:
    running: dict[str, Any] = {"state": State.PROCESSING}
    old = None if before is None else a_record(**running | before)

    assert change(old, a_record(**after)) is told
    assert told is None or after["state"] in STATES[told]


def test_event_says_which_job_and_nothing_that_quotes_its_payload() -> None:
    record = a_record(
        state=State.FAILED,
        attempt=3,
        reason="attempts_exhausted",
        errors=(ERROR,),
        result=QUOTED,
        tenant="acme",
        correlation_id="order-7",
        tags=("vip",),
        finished_at=START + timedelta(seconds=1),
    )

    event = job_event(JobChange.FAILED, record, stage="prod")

    told = json.loads(event.model_dump_json(by_alias=True, exclude_none=True))
    assert told["id"] == "job-1/1/3/failed"
    assert told["jobType"] == "send_email"
    assert (told["reason"], told["errorType"]) == ("attempts_exhausted", "ValueError")
    assert (told["tenant"], told["correlationId"], told["tags"]) == ("acme", "order-7", ["vip"])
    assert QUOTED not in json.dumps(told)


@pytest.mark.parametrize("kind", [JobChange.DISCARDED, JobChange.CANCELLED])
def test_a_job_s_own_words_are_not_told(kind: JobChange) -> None:
    record = a_record(state=STATES[kind][0], reason=QUOTED, errors=(ERROR,))

    event = job_event(kind, record, stage="prod")

    assert (event.reason, event.error_type) == (None, None)


def test_same_change_has_the_same_id_and_another_has_another() -> None:
    first = job_event(JobChange.RETRYING, a_record(attempt=1), stage="prod")

    assert job_event(JobChange.RETRYING, a_record(attempt=1), stage="prod").id == first.id
    assert job_event(JobChange.RETRYING, a_record(attempt=2), stage="prod").id != first.id


def test_each_attempt_that_died_is_told_under_an_id_of_its_own() -> None:
    """Those that died in company are not counted: the number of the attempt does not tell them."""
    running: dict[str, Any] = {"state": State.PROCESSING, "attempt": 1}
    ids = [
        job_event(JobChange.STALLED, a_record(**running, stalled_at=at), stage="prod").id
        for at in (START, LATER, LATER)
    ]

    assert ids[0] != ids[1] == ids[2]
    assert ids[0].startswith("job-1/1/1/stalled/")


def test_published_schema_is_that_of_the_events() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:workerless:job-event:1",
        **JobEvent.model_json_schema(by_alias=True, mode="serialization"),
    }

    assert json.loads(SCHEMA.read_text()) == schema
