"""A sensitive value is in the message and in its handler's hands, and is shown to nobody.

Where a payload that is not sensitive may be shown: views, errors' texts, files, audit, output.
"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli_ward import WardTerminal
from tests.unit.http.office import Office
from tests.unit.loud import LoudTelemetry
from tests.unit.operations.ward import Patient
from workerless import Concurrency, Discard, Fixed, JobType, RateLimit, Result, Sensitive
from workerless.chunks import chunk_worker
from workerless.sensitive import REDACTED
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

MARK = "canary-c0de"
SECOND = timedelta(seconds=1)
WHY = {"why": "asked to"}


class Known(Patient):
    """One patient, and what only the doctor may know."""

    token: Sensitive[str]
    notes: list[Sensitive[str]] = []  # noqa: RUF012 -- pydantic copies it


class Found(Result):
    """What was found."""

    secret: Sensitive[str]


SECRET: JobType[Any, Any] = JobType(
    name="visit",
    payload=Known,
    retry=Fixed(attempts=1, delay=SECOND),
    timeout=5 * SECOND,
    batch_size=10,
)
FINDS = JobType(name="finds", payload=Known, result=Found, timeout=5 * SECOND)
DATA = {"number": 7, "token": f"{MARK}-7", "notes": [f"{MARK}-note"]}
SHOWN = {"number": 7, "token": REDACTED, "notes": [REDACTED]}


def is_ill(number: int) -> bool:
    """Says what it should not, twice, and more than a record holds."""
    cause = ValueError(f"{'so ' * 300}bad: {MARK}-{number} and {MARK}-note")
    raise OSError(f"{'x' * 495}{MARK}-{number}") from cause


@pytest.fixture
def office() -> Office:
    made = Office(job_type=SECRET)
    made.ward.is_ill = is_ill
    return made


def enqueued(office: Office) -> str:
    _, answer = office.ask("POST /jobs/visit", {"data": DATA})
    return str(answer["jobId"])


def died(office: Office) -> str:
    job_id = enqueued(office)
    office.ward.stage.drain()
    return job_id


def test_no_view_over_http_shows_it(office: Office) -> None:
    job_id, later = died(office), enqueued(office)
    office.ask("PUT /schedules/visit/nine", {"when": "0 9 * * *", "data": DATA, **WHY})

    told = {
        key: office.ask(key, query=query)[1]
        for key, query in (
            (f"GET /jobs/{job_id}", ""),
            (f"GET /jobs/{later}", ""),
            ("GET /jobs", "type=visit"),
            ("GET /queues/visit/dead", ""),
            (f"GET /queues/visit/dead/{job_id}", ""),
            ("GET /queues/visit/groups", ""),
            ("GET /schedules", ""),
            ("GET /schedules/visit--nine", ""),
            ("GET /audit", ""),
            ("GET /metrics", ""),
        )
    }

    assert MARK not in json.dumps(told)
    assert told[f"GET /jobs/{job_id}"]["data"] == SHOWN
    assert told[f"GET /jobs/{later}"]["data"] == SHOWN
    assert told[f"GET /queues/visit/dead/{job_id}"]["data"] == SHOWN
    assert told["GET /schedules/visit--nine"]["data"] == SHOWN
    assert REDACTED in told[f"GET /queues/visit/dead/{job_id}"]["attempts"][0]["text"]


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("POST /jobs/visit", {"data": {**DATA, "token": [MARK]}}),
        ("POST /jobs/visit", {"data": {**DATA, "notes": [{MARK: MARK}]}}),
        ("POST /jobs/visit", {"data": SHOWN}),
        ("PUT /schedules/visit/nine", {"when": "0 9 * * *", "data": SHOWN}),
        ("PUT /schedules/visit/nine", {"when": "0 9 * * *", "data": {"token": {MARK: 1}}}),
    ],
)
def test_refusal_over_http_does_not_quote_it(office: Office, key: str, wrong: Any) -> None:
    status, answer = office.ask(key, wrong)

    assert status == 400
    assert MARK not in json.dumps(answer)
    assert office.ward.records() == []


def test_records_and_files_of_failures_have_no_sensitive_value(office: Office) -> None:
    died(office)

    (record,) = office.ward.records()
    doubles = office.ward.stage.doubles
    (error,) = record.errors
    assert MARK not in str(error)
    assert error.details is not None
    text = doubles.blobs.get(error.details, limit_bytes=1_000_000).decode()
    assert "so bad: [redacted] and [redacted]" in text
    assert MARK not in text
    (letter,) = doubles.queue.messages(doubles.directory.find("visit").dead_letters)
    assert MARK not in str(letter.attributes)


def test_dead_job_is_mended_without_knowing_it(office: Office) -> None:
    job_id = died(office)
    _, dead = office.ask(f"GET /queues/visit/dead/{job_id}")
    office.ward.cure()

    mended = {"data": {**dead["data"], "number": 8}, "why": "the number was wrong"}
    done = office.ask(f"POST /queues/visit/dead/{job_id}/retry", mended)
    office.ward.stage.drain()

    assert done == (200, {"success": True})
    (record,) = office.ward.records()
    assert json.loads(record.body)["data"] == {**DATA, "number": 8}
    assert office.ward.ran == [8]


def test_command_line_shows_it_to_who_asks_and_the_audit_tells(
    office: Office, tmp_path: Path
) -> None:
    job_id = died(office)
    terminal = WardTerminal(folder=tmp_path)
    terminal.ward = office.ward
    office.ask("PUT /schedules/visit/nine", {"when": "0 9 * * *", "data": DATA, **WHY})
    looks = (
        ("jobs", "show", job_id),
        ("jobs", "show", job_id, "--errors"),
        ("jobs", "list", "visit"),
        ("wait", job_id),
        ("dead", "list", "visit"),
        ("dead", "show", job_id),
        ("schedules", "list"),
        ("schedules", "show", "visit--nine"),
        ("audit",),
    )

    told = [terminal.run(*look, *more) for look in looks for more in ((), ("--json",))]
    asked = [terminal.run(*one, job_id, "--reveal") for one in (("jobs", "show"), ("dead", "show"))]

    assert not [one.stdout for one in told if MARK in one.output]
    assert sum(REDACTED in one.stdout for one in told) >= 8
    assert [f"{MARK}-7" in one.stdout for one in asked] == [True, True]
    entries = office.ward.ledger.entries(limit=50).items
    assert [one.on for one in entries if one.verb == "reveal"] == [f"job {job_id}"] * 2


def test_editor_shows_none_and_keeps_it(office: Office, tmp_path: Path) -> None:
    job_id = died(office)
    terminal = WardTerminal(folder=tmp_path, is_terminal=True)
    terminal.ward = office.ward
    terminal.edited = json.dumps({**SHOWN, "number": 9})

    done = terminal.run("dead", "edit", job_id, "--why", "mended")

    assert done.exit_code == 0
    assert MARK not in "".join(terminal.edits)
    (record,) = office.ward.records()
    assert json.loads(record.body)["data"] == {**DATA, "number": 9}


def test_result_of_a_job_is_shown_without_it(office: Office) -> None:
    @worker(FINDS)
    def find(payload: Known) -> Found:
        return Found(secret=payload.token)

    stage = office.ward.stage
    stage.use(find)
    job = stage.client.enqueue(FINDS, Known.model_validate(DATA))
    stage.run_all()

    _, shown = office.ask(f"GET /jobs/{job.id}")

    assert (shown["state"], shown["result"]) == ("completed", {"secret": REDACTED})
    assert job.status().result == Found(secret=f"{MARK}-7")  # a program is given what it asks for


def test_payload_of_a_type_that_is_gone_is_hidden_whole(office: Office) -> None:
    job_id = died(office)
    directory = office.ward.stage.doubles.directory
    directory._addresses.pop("visit")  # noqa: SLF001 -- no double undeploys

    _, shown = office.ask(f"GET /jobs/{job_id}")

    assert shown["data"] == {"number": REDACTED, "token": REDACTED, "notes": REDACTED}


def test_what_a_chunk_raises_names_no_neighbours_value(capsys: pytest.CaptureFixture[str]) -> None:
    @chunk_worker(SECRET)
    def perform(payloads: list[Known]) -> None:
        raise OSError(" ".join(one.token for one in payloads))

    with InMemoryStage(perform) as stage:
        stage.doubles.telemetry = LoudTelemetry()
        for number in range(3):
            stage.client.enqueue(SECRET, Known(number=number, token=f"{MARK}-{number}"))
        stage.run_all()

        told = [str(one.errors) for one in stage.doubles.store.records()]

    assert len(told) == 3
    assert MARK not in str(told)
    captured = capsys.readouterr()
    assert MARK not in captured.out + captured.err


def test_reason_of_a_discard_does_not_quote_it(office: Office) -> None:
    @worker(SECRET)
    def perform(payload: Known) -> None:
        raise Discard(f"nobody knows {payload.token}")

    stage = office.ward.stage
    stage.use(perform)
    job_id = died(office)

    assert office.ask(f"GET /jobs/{job_id}")[1]["failedReason"] == f"nobody knows {REDACTED}"


def quotes(data: Any) -> Any:
    """An upcaster, or a function that says a key, which fails and says of what."""
    raise LookupError(f"what is {data}, {getattr(data, 'token', '')}?")


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({"version": 2, "upcasters": {1: quotes}}, {"dataschema": "urn:workerless:visit:1"}),
        ({"concurrency_key": Concurrency(1, key=quotes)}, {}),
        ({"rate_limits": (RateLimit(1, per=SECOND, key=quotes, name="calls"),)}, {}),
    ],
)
def test_what_a_teams_own_function_raises_does_not_quote_it(
    options: dict[str, Any], body: dict[str, Any]
) -> None:
    job_type = replace(SECRET, **options)
    event = {"specversion": "1.0", "id": "j-1", "source": "shop", "type": "visit", "data": DATA}
    with InMemoryStage(worker(job_type)(lambda payload: None)) as stage:
        stage.run_message(job_type, json.dumps(event | body))
        stage.run_all()
        (record,) = stage.doubles.store.records()

    assert record.errors
    assert "what is" in record.errors[-1].message
    assert MARK not in str(record.errors)
