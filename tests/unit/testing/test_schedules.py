"""Schedules on a virtual clock: what a test sees of them."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from workerless import JobType, Payload
from workerless.execution.context import JobContext
from workerless.planned import plan_of
from workerless.schedule.schedule import Overlap, Schedule
from workerless.schedule.stand import FAR, Stand
from workerless.schedule.when import Cron
from workerless.testing.clock import FakeClock
from workerless.testing.schedules import assert_schedules
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


class Report(Payload):
    """A report."""

    of: str


DAILY = Schedule("daily", Cron("0 9 * * *", timezone="Europe/Berlin"), Report(of="all"))
REPORT = JobType(name="report", payload=Report, schedules=(DAILY,))


class Desk:
    """Where reports arrive: what each was for, and the clock when it was made."""

    def __init__(self) -> None:
        self.clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.covered: list[tuple[datetime | None, datetime]] = []
        self.made_at: list[datetime] = []

    def make(self, report: Report, job: JobContext) -> None:
        assert job.covers is not None
        assert job.covers[1] == job.scheduled_for
        self.covered.append(job.covers)
        self.made_at.append(self.clock.now())


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def stage(desk: Desk) -> Iterator[InMemoryStage]:
    with InMemoryStage(worker(REPORT)(desk.make), clock=desk.clock) as made:
        yield made


def test_a_year_of_ticks_takes_seconds(stage: InMemoryStage, desk: Desk) -> None:
    began = time.process_time()
    stage.advance(365 * DAY)

    local = [moment.astimezone(BERLIN) for moment in desk.made_at]
    assert [one.date().toordinal() for one in local] == list(
        range(local[0].toordinal(), local[0].toordinal() + 365)
    )
    assert {(one.hour, one.minute) for one in local} == {(9, 0)}
    assert time.process_time() - began < 20


def test_each_run_knows_what_it_stands_for(stage: InMemoryStage, desk: Desk) -> None:
    stage.advance(3 * DAY)

    assert [until.hour for _, until in desk.covered] == [8, 8, 8]
    assert all(until - after == DAY for after, until in desk.covered if after)


def test_job_that_no_schedule_made_is_for_no_tick(stage: InMemoryStage) -> None:
    seen: list[object] = []

    def look(report: Report, job: JobContext) -> None:
        seen.extend((job.scheduled_for, job.covers))

    stage.use(worker(REPORT)(look))
    stage.run(REPORT, Report(of="one"))
    assert seen == [None, None]


def test_dynamic_schedule_is_played_as_declared_ones_are(stage: InMemoryStage, desk: Desk) -> None:
    hourly = replace(DAILY, name="acme", when=Cron("0 * * * *"), overlap=Overlap.QUEUE_ONE)
    plan = plan_of(REPORT, hourly, is_dynamic=True)
    doubles = stage.doubles
    doubles.stands.save(Stand(schedule_id=plan.schedule_id, plan=plan, look_at=FAR))
    doubles.scheduler.put(plan)

    stage.advance(DAY)
    assert len(desk.made_at) == 24 + 1


def test_stage_without_an_end_plays_no_schedule_for_ever(stage: InMemoryStage) -> None:
    stage.use(worker(REPORT)(lambda report: None))
    stage.client.enqueue(REPORT, Report(of="one"), delay=timedelta(hours=30))

    stage.run_all()
    assert stage.clock.now() == datetime(2026, 1, 2, 6, tzinfo=UTC)


def test_schedule_is_due_when_a_test_says_so() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    ticks = [datetime(2026, 3, 29, 9, tzinfo=BERLIN), datetime(2026, 3, 30, 7, tzinfo=UTC)]

    assert_schedules(REPORT, "daily", after=before, ticks=ticks)
    with pytest.raises(AssertionError, match=r"is due at 2026-03-29T09:00:00\+02:00 after"):
        assert_schedules(REPORT, "daily", after=before, ticks=[])
    with pytest.raises(AssertionError, match="no schedule 'weekly', only: daily"):
        assert_schedules(REPORT, "weekly", after=before, ticks=ticks)


def test_schedule_that_is_over_has_no_ticks() -> None:
    over = replace(DAILY, end=datetime(2026, 1, 2, 12, tzinfo=UTC))
    job_type = replace(REPORT, schedules=(over,))
    after = datetime(2026, 1, 1, 12, tzinfo=UTC)

    assert_schedules(job_type, "daily", after=after, ticks=[datetime(2026, 1, 2, 9, tzinfo=BERLIN)])
    assert_schedules(job_type, "daily", after=after + DAY, ticks=[])
