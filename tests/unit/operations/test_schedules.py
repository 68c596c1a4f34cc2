"""Schedules in people's hands."""

from datetime import timedelta

import pytest

from tests.unit.operations.ward import LOOSE, Ward
from tests.unit.schedule.at_nine import DAY, HOUR, a_plan
from workerless.errors import (
    EnqueueFailedError,
    JobStateError,
    OperationRefusedError,
    ScheduleNotFoundError,
)
from workerless.execution.schedule_sweep import sweep_schedules
from workerless.message import read
from workerless.operations.service import Operations
from workerless.ports import SendFailure
from workerless.schedule.schedule import Overlap
from workerless.schedule.stand import Outcome, Reprocess, Stand
from workerless.states import State
from workerless.tracking import Tracking

VISITS = "visit-hourly"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ward() -> Ward:
    """Patients are seen each hour; the schedule is known since three o'clock."""
    made = Ward()
    made.is_ill = lambda _: False
    made.clock.advance(3 * HOUR)
    plan = a_plan(schedule_id=VISITS, job_type="visit", data={"number": 1}, overlap=Overlap.ALLOW)
    made.stage.doubles.plans.declared[VISITS] = plan
    sweep(made)
    return made


@pytest.fixture
def operations(ward: Ward) -> Operations:
    return ward.operations


def sweep(ward: Ward, wait: timedelta = timedelta(0)) -> None:
    ward.clock.advance(wait)
    sweep_schedules(ward.stage.doubles.schedule_sweeper())


def test_schedules_are_listed_with_what_they_are(operations: Operations, ward: Ward) -> None:
    (stand,) = operations.schedules.list().found

    assert stand == operations.schedules.show(VISITS)
    three = ward.clock.now()
    assert operations.schedules.next(VISITS, 2) == [three + HOUR, three + 2 * HOUR]


def test_schedule_that_is_not_there_is_told_so(operations: Operations) -> None:
    schedules = operations.schedules
    now = Ward().clock.now()

    for verb in (
        lambda: schedules.show("visit-daily"),
        lambda: schedules.next("visit-daily", 1),
        lambda: schedules.pause("visit-daily", why="x"),
        lambda: schedules.resume("visit-daily"),
        lambda: schedules.run("visit-daily"),
        lambda: schedules.stop("visit-daily"),
        lambda: schedules.backfill(
            "visit-daily", first=now, last=now, limit=1, reprocess=Reprocess.NONE
        ),
    ):
        with pytest.raises(ScheduleNotFoundError, match="'visit-daily'"):
            verb()


def test_paused_schedule_runs_nothing_until_it_is_resumed(ward: Ward) -> None:
    schedules = ward.operations.schedules
    pause = schedules.pause(VISITS, why="tax day")
    ward.stage.advance(3 * HOUR)
    assert ward.ran == []

    assert schedules.resume(VISITS, why="over") == pause
    ward.stage.advance(HOUR)
    assert ward.ran == [1]
    outcomes = [run.outcome for run in schedules.show(VISITS).runs]
    assert outcomes == [Outcome.PAUSED, Outcome.STARTED]
    entries = [(one.verb, one.on, one.why) for one in ward.operations.audit.list().items]
    assert ("pause schedule", VISITS, "tax day") in entries
    with pytest.raises(JobStateError, match="not paused"):
        schedules.resume(VISITS)


@pytest.mark.parametrize("why", ["", " ", "x" * 501])
def test_pause_needs_a_reason_and_an_end_to_come(ward: Ward, why: str) -> None:
    with pytest.raises(OperationRefusedError, match="why"):
        ward.operations.schedules.pause(VISITS, why=why)
    with pytest.raises(OperationRefusedError, match="until"):
        ward.operations.schedules.pause(VISITS, why="x", until=ward.clock.now())


def test_schedule_is_run_now_whatever_else_runs(ward: Ward) -> None:
    job_ids = [ward.operations.schedules.run(VISITS, why="to see it") for _ in range(2)]

    ward.stage.drain()
    assert ward.ran == [1, 1]
    assert len(set(job_ids)) == 2
    (record, _) = ward.records()
    message = read(record.body, job_type="visit", message_id="x")
    assert message.schedule is not None
    assert message.schedule.time == ward.clock.now()


def test_untracked_job_is_run_and_leaves_no_record() -> None:
    ward = Ward(LOOSE)
    ward.cure()
    plan = a_plan(
        schedule_id=VISITS,
        job_type="visit",
        data={"number": 1},
        overlap=Overlap.ALLOW,
        tracking=Tracking.OFF,
    )
    ward.desk.stands.save(Stand(schedule_id=VISITS, plan=plan))

    ward.operations.schedules.run(VISITS)

    ward.stage.drain()
    assert ward.ran == [1]
    assert ward.records() == []


def test_untracked_job_that_was_not_sent_is_told(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = a_plan(
        schedule_id="visit--loose", job_type="visit", data={"number": 1}, tracking=Tracking.OFF
    )
    ward.desk.stands.save(Stand(schedule_id=plan.schedule_id, plan=plan))
    failure = SendFailure(code="InternalError", message="")
    monkeypatch.setattr(ward.stage.doubles.queue, "send_many", lambda *_: [failure])

    with pytest.raises(EnqueueFailedError, match="InternalError"):
        ward.operations.schedules.run(plan.schedule_id)


def test_pause_ends_within_ten_years(ward: Ward) -> None:
    too_late = ward.clock.now() + timedelta(days=3_651)

    with pytest.raises(OperationRefusedError, match="ten years"):
        ward.operations.schedules.pause(VISITS, why="x", until=too_late)


def test_next_run_is_the_first_tick_that_nobody_paused(ward: Ward) -> None:
    schedules, now = ward.operations.schedules, ward.clock.now()
    assert schedules.show(VISITS).next_run(now) == now + HOUR

    schedules.pause(VISITS, why="x", until=now + 3 * HOUR)
    assert schedules.show(VISITS).next_run(now) == now + 3 * HOUR
    schedules.pause(VISITS, why="x")
    assert schedules.show(VISITS).next_run(now) is None
    assert Stand(schedule_id=VISITS).next_run(now) is None


def test_backfill_runs_a_range_and_a_dry_run_tells_which(ward: Ward) -> None:
    schedules = ward.operations.schedules
    now = ward.clock.now()
    first, last = now - 3 * HOUR, now

    found = schedules.preview(VISITS, first=first, last=last, reprocess=Reprocess.NONE)
    assert [one.tick for one in found if one.runs] == [first + n * HOUR for n in range(4)]
    assert ward.records() == []

    schedules.backfill(VISITS, first=first, last=last, limit=2, reprocess=Reprocess.NONE)
    with pytest.raises(JobStateError, match="goes on"):
        schedules.backfill(VISITS, first=first, last=last, limit=2, reprocess=Reprocess.NONE)
    for _ in range(5):
        sweep(ward, MINUTE)
        ward.stage.drain()
    backfill = schedules.show(VISITS).backfill
    assert backfill is not None
    assert (backfill.started, backfill.left_out) == (4, 0)
    assert backfill.finished_at is not None
    assert len(ward.ran) == 4

    again = schedules.preview(VISITS, first=first, last=last, reprocess=Reprocess.NONE)
    assert not any(one.runs for one in again)
    assert {record.state for record in ward.records()} == {State.COMPLETED}


def test_backfill_is_stopped(ward: Ward) -> None:
    schedules, now = ward.operations.schedules, ward.clock.now()
    schedules.backfill(VISITS, first=now - 3 * HOUR, last=now, limit=1, reprocess=Reprocess.NONE)
    sweep(ward, MINUTE)

    assert schedules.stop(VISITS).started == 1
    sweep(ward, MINUTE)
    assert len(ward.records()) == 1
    with pytest.raises(JobStateError, match="no backfill"):
        schedules.stop(VISITS)


def test_backfill_that_cannot_be_is_refused(ward: Ward) -> None:
    now, schedules = ward.clock.now(), ward.operations.schedules

    for field, options in {
        "limit": {"first": now - HOUR, "last": now, "limit": 101},
        "last must not be later": {"first": now, "last": now + HOUR, "limit": 1},
        "first must not be before": {"first": now - 60 * 365 * DAY, "last": now, "limit": 1},
        "last must not be before": {"first": now, "last": now - HOUR, "limit": 1},
    }.items():
        with pytest.raises(OperationRefusedError, match=field):
            schedules.backfill(VISITS, reprocess=Reprocess.ALL, **options)  # type: ignore[arg-type]
