"""The page about the job types, and the other pages that must follow the code."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from workerless import (
    TIERS,
    Allow,
    Concurrency,
    Cron,
    Every,
    Fixed,
    JobType,
    Payload,
    Schedule,
    Tracking,
    environment,
)
from workerless.catalogue import catalogue
from workerless.discovery import discover
from workerless.environment import WorkerEnvironment
from workerless.local.cloud import DIRECTORY_VARIABLE

ROOT = Path(__file__).resolve().parents[2]


class Greet(Payload):
    """Greets somebody.

    Once.
    """

    name: str
    title: str = ""


def test_page_of_this_project_is_up_to_date() -> None:
    page = catalogue(found.job_type for found in discover(ROOT))

    assert (ROOT / "docs" / "catalogue.md").read_text() == page, (
        "run `workerless docs > docs/catalogue.md`"
    )


def test_section_tells_what_each_lane_has() -> None:
    page = catalogue([JobType(name="greet", payload=Greet, concurrency=10, lanes=TIERS)])

    assert "10 invocations of one job, by lane: premium 5, standard 3, free 2" in page


def test_section_tells_when_jobs_start_by_themselves() -> None:
    schedules = (
        Schedule("daily", Cron("0 9 * * *", timezone="Asia/Tokyo"), Greet(name="Ada")),
        Schedule("often", Every(minutes=5), Greet(name="Bob")),
    )

    page = catalogue([JobType(name="greet", payload=Greet, schedules=schedules)])

    assert "| scheduled | daily: At 09:00 every day (Asia/Tokyo); often: Every 5 minutes |" in page


def test_section_tells_purpose_fields_retries_and_rights() -> None:
    greet = JobType(
        name="greet",
        payload=Greet,
        owner="team a",
        runbook="https://example.com/greet",
        retry=Fixed(attempts=4, delay=timedelta(seconds=9)),
        by_error={ConnectionError: Fixed(delay=timedelta(seconds=1))},
        give_up_on=(LookupError, PermissionError),
        retry_within=timedelta(hours=1, minutes=30),
        dead_letter=False,
        permissions=(Allow(actions=("s3:GetObject",), resources=("arn:{partition}:s3:::x/*",)),),
    )

    page = catalogue([greet])

    for told in (
        "Greets somebody.\n\nOnce.",
        "team a",
        "https://example.com/greet",
        "`name`, `title`?",
        "4, fixed backoff",
        "ConnectionError: fixed backoff",
        "never after LookupError, PermissionError",
        "within 1 h 30 min",
        "only the record is kept for 7 d",
        "5 invocations of one job",
        "`s3:GetObject` on `arn:{partition}:s3:::x/*`",
    ):
        assert told in page


@pytest.mark.parametrize(
    ("tracking", "dead_letter", "told"),
    [
        (Tracking.FULL, True, "full: a record from the start"),
        (Tracking.LEAN, True, "lean: a record from its first start on"),
        (
            Tracking.OFF,
            True,
            "off: no record |\n| when it fails for good | dead-letter queue, 14 days",
        ),
        (Tracking.OFF, False, "| when it fails for good | nothing is kept, but its log |"),
    ],
)
def test_section_tells_what_is_kept(tracking: Tracking, told: str, *, dead_letter: bool) -> None:
    greet = JobType(name="greet", payload=Greet, tracking=tracking, dead_letter=dead_letter)

    assert told in catalogue([greet])


@pytest.mark.parametrize(
    ("flow", "told"),
    [
        ({"concurrency": 1}, "| at once | one job at a time |"),
        ({"concurrency_key": Concurrency(1, key="name")}, "; one job of each `name` at a time |"),
        (
            {"concurrency_key": Concurrency(3, key=lambda one: one.name, group="bank")},
            "; up to 3 jobs of each key at a time, with all of group `bank` |",
        ),
    ],
)
def test_section_tells_how_many_jobs_of_a_key_run(flow: dict[str, Any], told: str) -> None:
    assert told in catalogue([replace(JobType(name="greet", payload=Greet), **flow)])


def test_job_types_stand_in_the_order_of_their_names() -> None:
    page = catalogue([JobType(name=name, payload=Greet) for name in ("b", "a", "c")])

    assert re.findall(r"^## (\w)", page, re.MULTILINE) == ["a", "b", "c"]


def test_every_variable_is_documented() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    ours = WorkerEnvironment(
        stage="s", table="t", bucket="b", queue_url="q", dead_letter_url="d"
    ).render()
    declared = [name for found in discover(ROOT) for name in found.job_type.environment]

    for name in [*ours, *declared, environment.STAGE, DIRECTORY_VARIABLE]:
        assert f"`{name}`" in page
