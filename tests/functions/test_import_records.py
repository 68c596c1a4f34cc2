"""import_records: every row once, whatever happens to the process that reads them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.import_records.job import ImportRecords, Place, RecordsImported, import_records
from functions.import_records.piece import PIECE_ROWS
from functions.import_records.report import MOST_PROBLEMS
from functions.save_records.job import save_records
from tests.functions.importing import HEADER, SOURCE, csv_of
from tests.functions.office import ORDER, Office
from workerless import JobType, State
from workerless.execution.context import JobContext
from workerless.worker import worker

EVENTS = Path(__file__).parents[2] / "events"
ROWS = 3 * PIECE_ROWS + 77


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    with office.stage:
        yield office


def is_each_row_once(office: Office, rows: int, bad: frozenset[int] = frozenset()) -> bool:
    """In the files; and each job that saves some is one member of a batch that has ended."""
    jobs = [one for one in office.stage.doubles.store.records() if one.job_type == "save_records"]
    totals = office.batches()
    assert all(one.state == "completed" for one in totals)
    assert sum(one.total for one in totals) == sum(one.completed for one in totals) == len(jobs)
    wanted = [f'"email":"c{one}@example.com"' for one in range(1, rows + 1) if one not in bad]
    saved = office.saved()
    return len(saved) == len(wanted) and all(
        one in line for one, line in zip(wanted, saved, strict=True)
    )


def test_every_row_is_saved_once(office: Office) -> None:
    status = office.run(csv_of(ROWS))

    assert status.result == RecordsImported(
        rows=ROWS, accepted=ROWS, rejected=0, jobs=61, batches=["import-7.1"], report=None
    )
    assert status.progress
    assert status.progress.percent == 100
    assert is_each_row_once(office, ROWS)


def test_wrong_rows_are_told_of_and_the_others_saved(office: Office) -> None:
    bad = frozenset({1, 200, PIECE_ROWS + 3, ROWS})

    status = office.run(csv_of(ROWS, bad=bad))

    assert status.result
    assert (status.result.accepted, status.result.rejected) == (ROWS - 4, 4)
    assert status.result.report == "imports/reports/import-7.csv"
    assert [(row, column) for row, column, _ in office.reported()] == [
        (row, "country") for row in sorted(bad)
    ]
    assert not any("Atlantis" in problem for _, _, problem in office.reported())
    assert is_each_row_once(office, ROWS, bad)


@pytest.mark.parametrize("checkpoint", [1, 2, 3, 4])
def test_import_whose_process_dies_goes_on_at_the_row_of_its_checkpoint(
    office: Office, checkpoint: int
) -> None:
    bad = frozenset({5, PIECE_ROWS + 5, 2 * PIECE_ROWS + 5})
    office.stage.crash_next(import_records, checkpoint=checkpoint)

    status = office.run(csv_of(ROWS, bad=bad))

    assert status.state is State.COMPLETED
    assert status.continuations == 1
    assert (status.attempt, status.errors) == (1, ())
    assert is_each_row_once(office, ROWS, bad)
    assert [row for row, _, _ in office.reported()] == sorted(bad)


def test_import_whose_time_is_up_goes_on_in_other_invocations(office: Office) -> None:
    office.s3.files[SOURCE] = csv_of(ROWS)
    seen: list[int] = []

    @worker(import_records)
    def hurried(order: ImportRecords, job: JobContext[Place]) -> RecordsImported:
        seen.append(job.cursor.row if job.cursor else 0)
        job.deadline = office.stage.clock.now()
        return office.read(order, job)

    office.stage.use(hurried)
    status = office.stage.run(import_records, ORDER, job_id="import-7")
    office.stage.run_all()

    assert seen == [0, PIECE_ROWS, 2 * PIECE_ROWS, 3 * PIECE_ROWS, ROWS]
    assert status.continuations == 4
    assert is_each_row_once(office, ROWS)


def test_piece_that_is_handed_on_twice_makes_no_job_twice(office: Office) -> None:
    bad = frozenset({PIECE_ROWS + 1})
    office.s3.refuses = 1  # the report of the second piece, which is handed on by then

    status = office.run(csv_of(2 * PIECE_ROWS, bad=bad))

    records = office.stage.doubles.store.records()
    assert status.attempt == 1  # the first piece was done: that attempt cost none
    assert [one.error_type for one in status.errors] == ["ClientError"]
    assert sum(one.job_type == "save_records" for one in records) == 40
    assert is_each_row_once(office, 2 * PIECE_ROWS, bad)


def test_report_ends_where_nobody_reads_on(office: Office) -> None:
    rows = MOST_PROBLEMS + 500

    status = office.run(csv_of(rows, bad=frozenset(range(1, rows + 1))))

    assert status.result
    assert (status.result.rejected, status.result.batches) == (rows, [])
    assert len(office.reported()) == MOST_PROBLEMS


def test_file_that_changes_meanwhile_fails_the_import(office: Office) -> None:
    office.s3.files[SOURCE] = csv_of(ROWS)
    office.stage.crash_next(import_records, checkpoint=1)
    office.stage.client.enqueue(import_records, ORDER, job_id="import-7")
    office.stage.drain()
    office.s3.files[SOURCE] = csv_of(ROWS + 1)

    office.stage.run_all()

    status = office.stage.client.job("import-7").status()
    assert (status.state, status.failed_reason) == (State.FAILED, "rejected")
    assert "has changed" in status.errors[-1].message


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (None, "which is missing (AccessDenied)"),
        (b"", "0 columns 'country'"),
        (b"email;name;country;spent\n", "0 columns 'country'"),
        (b"email,name,country,spent,Email\n", "2 columns 'email'"),
        (HEADER.encode() + b'a@b.co,"Ada,DE,1\n' + b"x,y,z,1\n" * 30, "a quote is not closed"),
        (HEADER.encode() + b"x" * 1_100_000 + b"y" * 4_000_000, "above 1048576 bytes"),
    ],
)
def test_what_is_no_such_file_fails_at_once(office: Office, data: bytes | None, told: str) -> None:
    if data is not None:
        office.s3.files[SOURCE] = data

    status = office.stage.run(import_records, ORDER)

    assert (status.state, status.failed_reason, status.attempt) == (State.FAILED, "rejected", 1)
    assert told in status.errors[-1].message


def test_file_of_a_header_alone_is_imported(office: Office) -> None:
    status = office.run(HEADER.encode())

    assert status.result == RecordsImported(
        rows=0, accepted=0, rejected=0, jobs=0, batches=[], report=None
    )


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("import_records_bare.json", None),
        ("import_records_cloudevent.json", None),
        ("import_records_invalid.json", "invalid_payload"),
        ("save_records_bare.json", None),
        ("save_records_cloudevent.json", None),
        ("save_records_invalid.json", "invalid_payload"),
    ],
)
def test_event_ends_as_it_should(office: Office, event: str, reason: str | None) -> None:
    (record,) = json.loads((EVENTS / event).read_text(encoding="utf-8"))["Records"]
    separator = json.loads(record["body"]).get("data", {}).get("separator", ",")
    office.s3.files[SOURCE] = csv_of(3).replace(b",", separator.encode())
    job_type: JobType[Any, Any] = import_records
    if event.startswith("save"):
        job_type = save_records

    status = office.stage.run_message(job_type, record["body"])

    assert status.failed_reason == reason
    assert status.state is (State.FAILED if reason else State.COMPLETED)


def test_batch_that_ended_meanwhile_is_followed_by_another(office: Office) -> None:
    office.stage.crash_next(import_records, checkpoint=1)
    office.s3.files[SOURCE] = csv_of(ROWS)
    office.stage.client.enqueue(import_records, ORDER, job_id="import-7")
    office.stage.drain()
    (first,) = office.batches()
    assert (first.state, first.total) == ("running", 20)
    office.stage.client.batch(batch_id="import-7.1").let_go()
    office.stage.drain()

    office.stage.run_all()

    status = office.stage.client.job("import-7").status()
    assert status.result
    assert status.result["batches"] == ["import-7.1", "import-7.2"]
    assert [one.total for one in office.batches()] == [20, 41]
    assert is_each_row_once(office, ROWS)


def test_process_that_dies_once_it_has_turned_to_another_batch_goes_on_there(
    office: Office,
) -> None:
    office.stage.client.batch(batch_id="import-7.1").let_go()
    office.stage.drain()
    office.stage.crash_next(import_records, checkpoint=1)

    office.run(csv_of(2 * PIECE_ROWS))

    assert [one.total for one in office.batches()] == [0, 40]


def test_batch_of_an_import_that_fails_waits_for_no_more(office: Office) -> None:
    office.s3.files[SOURCE] = csv_of(PIECE_ROWS) + b'"never closed,' + b"x,y,z,1\n" * 30

    status = office.stage.run(import_records, ORDER, job_id="import-7")
    office.stage.run_all()

    assert status.failed_reason == "rejected"
    assert [(one.state, one.total) for one in office.batches()] == [("completed", 20)]


def test_import_whose_batch_is_cancelled_ends(office: Office) -> None:
    office.stage.crash_next(import_records, checkpoint=1)
    office.s3.files[SOURCE] = csv_of(ROWS)
    office.stage.client.enqueue(import_records, ORDER, job_id="import-7")
    office.stage.drain()
    office.stage.client.workflow("import-7.1").cancel("the wrong file")
    office.stage.run_all()

    status = office.stage.client.job("import-7").status()
    assert status.failed_reason == "rejected"
    assert [(one.state, one.total) for one in office.batches()] == [("cancelled", 20)]


def test_id_of_an_import_may_be_as_long_as_any(office: Office) -> None:
    office.s3.files[SOURCE] = csv_of(3)

    status = office.stage.run(import_records, ORDER, job_id="i" * 128)

    assert status.result
    (batch,) = status.result.batches
    assert office.stage.client.workflow(batch).wait().completed == 1
