import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workerless import (
    Cron,
    Every,
    JobType,
    Missed,
    Once,
    Overlap,
    Payload,
    Schedule,
    Tracking,
    WorkerlessError,
)
from workerless.errors import DeclarationError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Report(Payload):
    """A report of some days."""

    days_ahead: int = 7
    text: str = ""


class Other(Payload):
    """Something else."""


def schedule(**changes: Any) -> Schedule[Report]:
    told = {"name": "daily", "when": Every(hours=1), "payload": Report(), **changes}
    return Schedule(told.pop("name"), told.pop("when"), told.pop("payload"), **told)


def test_schedule_has_the_ticks_of_its_bounds() -> None:
    table = schedule(start=NOON, end=NOON + timedelta(hours=2)).timetable

    assert list(table.after(NOON - timedelta(days=1))) == [NOON, NOON + timedelta(hours=1)]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": "-a"}, "name must be letters, digits and"),
        ({"name": "a b"}, "name must be letters, digits and"),
        ({"name": ""}, "name must be letters, digits and"),
        ({"when": "0 9 * * *"}, "when must be a Cron, an Every or a Once"),
        ({"payload": {"days_ahead": 7}}, "payload must be a Payload"),
        ({"payload": Report(text="x" * 2_500)}, "payload must be at most 2500 bytes"),
        ({"overlap": "skip"}, "overlap must be one of Overlap.SKIP, Overlap.QUEUE_ONE"),
        ({"missed": "all"}, "missed must be one of Missed.NONE"),
        ({"missed": Missed.ALL, "overlap": Overlap.CANCEL_OLD}, "missed must be Missed.NONE or"),
        ({"tolerance": timedelta(seconds=59)}, "tolerance must be at least 0:01:00 .*got 0:00:59"),
        ({"tolerance": 300}, "tolerance must be a timedelta, got 300"),
        ({"window": 60}, "window must be a timedelta, got 60"),
        ({"spread": "1h"}, "spread must be a timedelta, got '1h'"),
        ({"window": timedelta(minutes=4)}, "window must be between 0:05:00"),
        ({"window": timedelta(days=31)}, "window must be between"),
        ({"spread": timedelta(hours=1)}, "spread must be whole minutes, and shorter than"),
        ({"spread": timedelta(seconds=90)}, "spread must be whole minutes"),
        ({"spread": timedelta(minutes=-1)}, "spread must be whole minutes"),
        ({"tenant": "two words"}, "tenant must be None or match"),
        ({"tags": ("has space",)}, "a tag must match"),
        ({"start": NOON.replace(tzinfo=None)}, "start must have a time zone"),
        ({"start": NOON, "end": NOON}, "end must be after start"),
        ({"end": NOON.replace(year=2200)}, "end must be between the years 1970 and 2199"),
        ({"start": NOON.replace(year=1969)}, "start must be between the years 1970"),
        ({"when": Once(NOON.replace(year=9999))}, "when must be between the years 1970"),
        (
            {
                "when": Cron(
                    f"0 0 * * {','.join(f'{d}#{n}' for d in range(5) for n in range(1, 6))}"
                )
            },
            "a cron expression must come to at most 20 of AWS",
        ),
    ],
)
def test_schedule_that_cannot_be_is_refused_by_name(changes: dict[str, Any], error: str) -> None:
    with pytest.raises(DeclarationError, match=f"schedule .*: {error}"):
        schedule(**changes)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"schedules": schedule()}, "schedules must be a tuple of Schedule"),
        ({"schedules": ("0 9 * * *",)}, "schedules must be a tuple of Schedule"),
        ({"schedules": (schedule(), schedule())}, "schedule daily: name must be its own"),
        ({"schedules": (schedule(payload=Other()),)}, "payload must be a Report, got a Other"),
        (
            {"schedules": (schedule(name="x" * 53),)},
            "name must have at most 52 characters, 60 with that of the job type, got 53",
        ),
        (
            {"schedules": (schedule(),), "tracking": Tracking.OFF},
            "overlap must be Overlap.ALLOW with tracking off",
        ),
    ],
)
def test_schedules_that_a_job_type_cannot_have_are_refused(
    changes: dict[str, Any], error: str
) -> None:
    with pytest.raises(DeclarationError, match=f"^reports: .*{re.escape(error)}"):
        JobType(name="reports", payload=Report, **changes)


def test_untracked_jobs_may_run_side_by_side() -> None:
    alone = JobType(
        name="reports",
        payload=Report,
        tracking=Tracking.OFF,
        schedules=(schedule(overlap=Overlap.ALLOW),),
    )

    assert [one.name for one in alone.schedules] == ["daily"]


def test_payload_that_is_no_json_is_refused() -> None:
    class Number(Payload):
        """A number."""

        value: float

    with pytest.raises(WorkerlessError, match="payload must be JSON"):
        Schedule("daily", Every(days=1), Number(value=float("inf")))
