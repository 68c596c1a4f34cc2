"""The alert of failed jobs: who, how many, why and where to look; never what was in them."""

import json
import shlex
from datetime import timedelta
from typing import Any

import pytest

from workerless.alert import MOST_GROUPS, MOST_JOBS, Alert, grouped
from workerless.search import Listed
from workerless.states import State
from workerless.testing.clock import START

QUOTED = "ada@example.com"


def a_row(job_id: str, **changes: Any) -> Listed:
    said: dict[str, Any] = {
        "job_id": job_id,
        "job_type": "send_email",
        "state": State.FAILED,
        "updated_at": START,
        "enqueued_at": START,
        "run_at": START,
        "attempt": 3,
        "max_attempts": 3,
        "reason": "attempts_exhausted",
        "error_type": "ConnectionError",
        "message": QUOTED,
        "generation": 1,
        "tags": (QUOTED,),
    }
    return Listed(**{**said, **changes})


def an_alert(*rows: Listed, **changes: Any) -> Alert:
    until = START + timedelta(minutes=1)
    said: dict[str, Any] = {"stage": "prod", "since": START, "until": until}
    return Alert(groups=grouped(rows), **{**said, **changes})


def test_jobs_that_failed_alike_are_one_group_and_the_largest_is_first() -> None:
    rows = [a_row("one", error_type="KeyError"), *(a_row(f"job-{n}") for n in range(5))]

    groups = grouped(rows)

    assert [(one.error_type, one.number) for one in groups] == [
        ("ConnectionError", 5),
        ("KeyError", 1),
    ]
    assert groups[0].first == ("job-0", "job-1", "job-2")


def test_people_read_what_failed_why_and_the_command_that_shows_it() -> None:
    alert = an_alert(a_row("order-7"), a_row("b", job_type="import", state=State.HELD))

    assert alert.subject == "[prod] 2 jobs failed: import, send_email"
    assert (
        alert.text()
        == """\
2 jobs failed or held in stage prod, 2026-01-01 00:00:00 to 00:01:00 UTC.

import: 1 held, attempts_exhausted, ConnectionError
    workerless --stage prod jobs show b

send_email: 1 failed, attempts_exhausted, ConnectionError
    workerless --stage prod jobs show order-7

All of them:
    workerless --stage prod dead list import
    workerless --stage prod dead list send_email

What to do: docs/runbook.md#dead-letters
"""
    )


def test_nothing_that_quotes_a_payload_is_told() -> None:
    alert = an_alert(a_row("job-1"))

    told = f"{alert.subject} {alert.text()} {json.dumps(alert.shape())}"

    assert QUOTED not in told


def test_however_many_fail_the_alert_is_short() -> None:
    rows = [a_row(f"job-{n}", error_type=f"Error{n % 200:03}") for n in range(2_000)]

    alert = an_alert(*rows, at_least=True)

    lines = alert.text().splitlines()
    assert alert.subject == "[prod] 2000 or more jobs failed: send_email"
    assert len(lines) < MOST_GROUPS * (MOST_JOBS + 2) + 12
    assert f"and {10 * (200 - MOST_GROUPS)} more, of {200 - MOST_GROUPS} other kinds" in lines
    assert len(json.dumps(alert.shape())) < 10_000


def test_subject_is_one_that_sns_takes() -> None:
    rows = [a_row(f"job-{n}", job_type=f"a_long_name_{n}") for n in range(40)]

    subject = an_alert(*rows).subject

    assert len(subject) == 99  # SNS takes less than 100
    assert subject.endswith("...")
    assert subject.isascii()


@pytest.mark.parametrize("job_id", ["a; rm -rf /", "a\nb", "\x1b[2J", "näh", "$(id)", "a b"])
def test_ids_of_strangers_can_be_pasted_and_printed(job_id: str) -> None:
    text = an_alert(a_row(job_id)).text()

    (command,) = [line for line in text.splitlines() if " jobs show " in line]
    words = shlex.split(command)
    assert words[:-1] == ["workerless", "--stage", "prod", "jobs", "show"]
    assert text.replace("\n", "").isprintable()
    assert text.isascii()


def test_link_leads_to_the_page_of_the_job() -> None:
    alert = an_alert(a_row("a/b?c"), link="https://jobs.example.com/{job_id}")

    assert "    https://jobs.example.com/a%2Fb%3Fc\n" in alert.text()


def test_machines_get_data() -> None:
    assert an_alert(a_row("job-1")).shape() == {
        "stage": "prod",
        "since": "2026-01-01T00:00:00+00:00",
        "until": "2026-01-01T00:01:00+00:00",
        "number": 1,
        "atLeast": False,
        "groups": [
            {
                "jobType": "send_email",
                "state": "failed",
                "reason": "attempts_exhausted",
                "errorType": "ConnectionError",
                "number": 1,
                "jobs": ["job-1"],
            }
        ],
    }
