"""``client.schedules``: a service makes schedules by the same rules as people."""

from datetime import timedelta

import pytest

from tests.unit.operations.ward import LOOSE, Patient, Ward
from workerless import Cron, Overlap, Schedule
from workerless.client import Client
from workerless.errors import (
    DeclarationError,
    OperationRefusedError,
    ScheduleNotFoundError,
    WorkerlessError,
)
from workerless.schedule.when import Once

HOUR = timedelta(hours=1)
ACME = "visit--Acme"


@pytest.fixture
def ward() -> Ward:
    made = Ward()
    made.is_ill = lambda _: False
    return made


def hourly(number: int = 1) -> Schedule[Patient]:
    return Schedule("Acme", Cron("0 * * * *"), Patient(number=number), overlap=Overlap.ALLOW)


def test_service_makes_changes_and_deletes_a_schedule(ward: Ward) -> None:
    schedules = ward.stage.client.schedules
    kept = schedules.put(ward.job_type, hourly(), why="they pay")
    assert (kept.stand.schedule_id, kept.created) == (ACME, True)
    ward.stage.advance(HOUR)
    assert not schedules.put(ward.job_type, hourly()).changed
    schedules.put(ward.job_type, hourly(2))
    ward.stage.advance(HOUR)

    assert ward.ran == [1, 2]
    schedules.delete(ACME)
    ward.stage.advance(HOUR)
    assert ward.ran == [1, 2]
    with pytest.raises(ScheduleNotFoundError):
        schedules.show(ACME)


def test_service_pauses_resumes_and_runs_it(ward: Ward) -> None:
    schedules = ward.stage.client.schedules
    schedules.put(ward.job_type, hourly())
    (stand,) = schedules.list().found
    assert schedules.next(ACME, 1) == [ward.clock.now() + HOUR]

    pause = schedules.pause(ACME, why="tax day")
    ward.stage.advance(2 * HOUR)
    assert ward.ran == []
    schedules.run(stand.schedule_id)
    ward.stage.drain()
    assert ward.ran == [1]
    assert schedules.resume(ACME) == pause


def test_what_cannot_be_is_refused(ward: Ward) -> None:
    schedules, now = ward.stage.client.schedules, ward.clock.now()

    with pytest.raises(OperationRefusedError, match="no tick to come"):
        schedules.put(ward.job_type, Schedule("a", Once(now - HOUR), Patient(number=1)))
    with pytest.raises(DeclarationError, match=r"overlap must be Overlap\.ALLOW"):
        schedules.put(LOOSE, Schedule("a", Cron("@daily"), Patient(number=1)))


def test_client_that_was_made_without_schedules_says_so(client: Client) -> None:
    with pytest.raises(WorkerlessError, match="use connect"):
        _ = client.schedules
