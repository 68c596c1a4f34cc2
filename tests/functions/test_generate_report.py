"""generate_report: a run of the job, from records to files and emails."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from functions.generate_report.handler import Stage, generate
from functions.generate_report.job import GenerateReport, ReportGenerated, generate_report
from functions.send_email.job import SendEmail, send_email
from tests.functions.reporting import BERLIN, FilesInMemory, ended
from workerless import State
from workerless.execution.context import JobContext
from workerless.testing.clock import FakeClock
from workerless.testing.schedules import assert_schedules
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

EVENTS = Path(__file__).parents[2] / "events"
DAY = date(2026, 11, 21)
NINE = datetime(2026, 11, 22, 9, tzinfo=BERLIN)
ADA = "ada.lovelace@example.com"


@pytest.fixture
def s3() -> FilesInMemory:
    return FilesInMemory()


@pytest.fixture
def jobs(s3: FilesInMemory) -> Iterator[InMemoryStage]:
    """A stage in which reports run, and emails only wait."""
    made: list[Stage] = []

    def perform(order: GenerateReport, job: JobContext) -> ReportGenerated:
        return generate(order, job, made[0])

    clock = FakeClock(NINE)
    with InMemoryStage(worker(generate_report)(perform), send_email, clock=clock) as stage:
        made.append(
            Stage(
                rows=stage.doubles.store,
                directory=stage.doubles.directory,
                files=s3.files,
                client=stage.client,
                region="eu-central-1",
            )
        )
        at = NINE - timedelta(hours=10)
        stage.doubles.store.put_many([ended("seen", at), ended("seen-too", at, attempt=2)])
        yield stage


def emails(jobs: InMemoryStage) -> list[SendEmail]:
    return [one.payload for one in jobs.enqueued(send_email)]


def test_report_of_a_day_is_written_and_told(jobs: InMemoryStage, s3: FilesInMemory) -> None:
    status = jobs.run(generate_report, GenerateReport(recipients=[ADA]))

    assert status.state is State.COMPLETED, status
    assert status.result is not None
    assert status.result.files == ["reports/2026-11-21/jobs.csv", "reports/2026-11-21/jobs.svg"]
    written = s3.written["reports/2026-11-21/jobs.csv"]
    assert b"2026-11-21,send_email,2+,2,0,0,0,1,0,993.4,993.4\r\n" in written["Body"]
    assert (written["Tagging"], written["ContentType"]) == ("keep=400", "text/csv; charset=utf-8")
    (email,) = emails(jobs)
    assert (email.to, email.template) == (ADA, "report")
    assert email.variables["day"] == "Saturday, 21 November 2026"
    assert email.variables["summary"].startswith("2 completed, 0 failed, 1 retried; not counted")
    assert email.variables["place"].endswith("/reports/2026-11-21/")
    assert status.result.emails == [email.email_id]


def test_report_that_is_made_twice_is_told_once_to_each(
    jobs: InMemoryStage, s3: FilesInMemory
) -> None:
    order = GenerateReport(recipients=[ADA, "bob@example.com"])

    def seen() -> tuple[dict[str, dict[str, Any]], list[str]]:
        files = {key: one for key, one in s3.written.items() if "hours" not in key}
        return files, sorted(one.email_id for one in emails(jobs))

    jobs.assert_idempotent(generate_report, order, observe=seen)

    assert len(emails(jobs)) == 2


def test_attempt_that_finds_other_figures_tells_nobody_again(
    jobs: InMemoryStage, s3: FilesInMemory, job: JobContext
) -> None:
    order = GenerateReport(day=DAY, recipients=[ADA])
    jobs.crash_next(generate_report)
    handle = jobs.client.enqueue(generate_report, order)
    jobs.drain()
    jobs.doubles.store.put_many([ended("late", NINE - timedelta(hours=10, minutes=2))])
    s3.written = {key: one for key, one in s3.written.items() if "hours" not in key}

    status = handle.wait(timedelta(hours=1))

    assert (status.state, status.attempt) == (State.COMPLETED, 2)
    assert len(emails(jobs)) == 1
    assert b",send_email,3+,3," in s3.written["reports/2026-11-21/jobs.csv"]["Body"]


def test_order_without_formats_only_counts(jobs: InMemoryStage, s3: FilesInMemory) -> None:
    status = jobs.run(generate_report, GenerateReport(formats=[]))

    assert status.result == ReportGenerated(hours_counted=22, files=[], emails=[])
    assert {key.split("/")[1] for key in s3.written} == {"hours"}


def test_day_to_come_fails_for_good(jobs: InMemoryStage) -> None:
    status = jobs.run(generate_report, GenerateReport(day=NINE.date() + timedelta(days=1)))

    assert (status.state, status.attempt) == (State.FAILED, 1)
    assert status.failed_reason == "rejected"


def test_recipients_of_nothing_are_refused() -> None:
    with pytest.raises(ValidationError, match="formats must name at least one file"):
        GenerateReport(formats=[], recipients=[ADA])


def test_report_is_due_at_nine_whatever_the_clocks_do() -> None:
    assert_schedules(
        generate_report,
        "daily",
        after=datetime(2026, 10, 24, 12, tzinfo=BERLIN),
        ticks=[datetime(2026, 10, one, 9, tzinfo=BERLIN) for one in (25, 26)],
    )


def test_two_days_on_schedule_leave_two_reports_in_which_nothing_is_missing(
    jobs: InMemoryStage, s3: FilesInMemory
) -> None:
    jobs.advance(timedelta(days=2))

    for day in (23, 24):
        drawn = s3.written[f"reports/2026-11-{day - 1}/jobs.csv"]["Body"]
        assert (b"#" in drawn) is (day == 23)
    assert [one.variables["day"] for one in emails(jobs)] == [
        "Sunday, 22 November 2026",
        "Monday, 23 November 2026",
    ]


@pytest.mark.parametrize(
    ("event", "reason", "files"),
    [
        ("generate_report_bare.json", None, 2),
        ("generate_report_cloudevent.json", None, 0),
        ("generate_report_invalid.json", "invalid_payload", 0),
    ],
)
def test_event_ends_as_it_should(
    event: str, reason: str | None, files: int, jobs: InMemoryStage, s3: FilesInMemory
) -> None:
    (record,) = json.loads((EVENTS / event).read_text(encoding="utf-8"))["Records"]

    status = jobs.run_message(generate_report, record["body"])

    assert status.failed_reason == reason
    assert sum("hours" not in key for key in s3.written) == files
