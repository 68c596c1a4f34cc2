"""Dynamic schedules when much happens at once, or nothing any more: races, ends, job types gone."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.operations.ward import Ward
from tests.unit.schedule.at_nine import DAY, HOUR
from workerless.errors import (
    OperationRefusedError,
    ScheduleNotFoundError,
    UnknownJobTypeError,
)
from workerless.execution.schedule_repair import repair
from workerless.execution.schedule_sweep import sweep_schedules
from workerless.execution.ticking import Ticking, take_tick
from workerless.operations.schedule_service import Schedules
from workerless.ports import Address
from workerless.schedule.plan import Plan
from workerless.schedule.schedule import Overlap
from workerless.schedule.stand import Stand
from workerless.schedule.when import Cron, Once
from workerless.scheduling.wanted import WantedSchedule

ACME = "visit--Acme.2"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ward() -> Ward:
    made = Ward()
    made.is_ill = lambda _: False
    return made


@pytest.fixture
def schedules(ward: Ward) -> Schedules:
    return ward.operations.schedules


def wanted(**changes: Any) -> WantedSchedule:
    """Each hour; runs do not wait for each other."""
    told: dict[str, Any] = {"key": "Acme.2", "when": Cron("0 * * * *"), "data": {"number": 1}}
    return WantedSchedule(**{**told, "overlap": Overlap.ALLOW, **changes})


def put(schedules: Schedules, **changes: Any) -> Plan:
    plan = schedules.plan("visit", wanted(**changes))
    schedules.put(plan, why="they asked")
    return plan


def sweep(ward: Ward, wait: timedelta = timedelta(0)) -> None:
    ward.clock.advance(wait)
    sweeper = ward.stage.doubles.schedule_sweeper()
    sweep_schedules(sweeper)
    repair(sweeper)


def entries(ward: Ward) -> dict[str, Plan]:
    return ward.stage.doubles.scheduler.entries


def at(ward: Ward) -> Ticking:
    return ward.stage.doubles.ticking()


def test_tick_of_a_deleted_schedule_does_not_bring_it_back_over_its_successor(
    ward: Ward, schedules: Schedules, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = put(schedules)
    ward.clock.advance(HOUR)
    save = ward.stage.doubles.stands.save

    def slow(stand: Stand) -> bool:
        """Whoever takes the tick has read the old one; then it is deleted, and made anew."""
        monkeypatch.setattr(ward.stage.doubles.stands, "save", save)
        schedules.delete(ACME)
        put(schedules, data={"number": 2})
        return save(stand)

    monkeypatch.setattr(ward.stage.doubles.stands, "save", slow)
    take_tick(old, ward.clock.now(), at(ward))

    plan = schedules.show(ACME).plan
    assert plan is not None
    assert plan.data == {"number": 2}
    assert ward.records() == []


def test_schedule_that_is_deleted_while_it_is_put_is_told_as_it_was(
    ward: Ward, schedules: Schedules, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, told = schedules.plan("visit", wanted()), ward.stage.doubles.scheduler.put

    def slow(plan: Plan) -> None:
        schedules.delete(ACME)
        told(plan)

    monkeypatch.setattr(ward.stage.doubles.scheduler, "put", slow)
    kept = schedules.put(plan)

    assert kept.stand.plan == plan
    assert entries(ward) == {}
    with pytest.raises(ScheduleNotFoundError):
        schedules.show(ACME)


def test_key_that_begins_as_those_of_a_tenant_takes_nothing_from_it(
    ward: Ward, schedules: Schedules
) -> None:
    plan = put(schedules, key="nine", tenant="acme")
    key = plan.schedule_id.removeprefix("visit--")

    with pytest.raises(OperationRefusedError, match="key must be another one"):
        put(schedules, key=key)
    assert entries(ward) == {plan.schedule_id: plan}
    assert schedules.of("acme").show(plan.schedule_id).plan == plan


def test_spaces_around_an_expression_make_no_other_schedule(
    ward: Ward, schedules: Schedules
) -> None:
    put(schedules, when=Cron(" 0 * * * *\n"))

    assert not schedules.put(schedules.plan("visit", wanted(when=Cron("0 * * * * ")))).changed


def test_schedule_that_is_over_is_forgotten_after_a_week(ward: Ward, schedules: Schedules) -> None:
    put(schedules, when=Once(ward.clock.now() + HOUR))
    ward.stage.advance(HOUR)
    assert ward.ran == [1]
    sweep(ward, 6 * DAY)
    assert schedules.show(ACME).last_run is not None

    sweep(ward, DAY)
    repair(ward.stage.doubles.schedule_sweeper())
    assert schedules.list().found == ()
    assert entries(ward) == {}


def test_schedule_that_is_over_is_known_while_its_job_goes_on(
    ward: Ward, schedules: Schedules
) -> None:
    now = ward.clock.now()
    put(schedules, when=Once(now + HOUR), overlap=Overlap.SKIP)
    ward.clock.advance(HOUR)
    take_tick(schedules.plan("visit", wanted(when=Once(now + 2 * HOUR))), now + HOUR, at(ward))
    sweep(ward, 8 * DAY)
    assert schedules.show(ACME).open_runs

    ward.stage.drain()
    sweep(ward, DAY)
    assert schedules.list().found == ()


def test_schedule_that_is_paused_when_it_is_over_waits_for_a_person(
    ward: Ward, schedules: Schedules
) -> None:
    put(schedules, when=Once(ward.clock.now() + HOUR))
    schedules.pause(ACME, why="tax day", until=ward.clock.now() + 2 * HOUR)
    schedules.pause(ACME, why="tax year")

    sweep(ward, 30 * DAY)
    assert schedules.show(ACME).pause is not None


def test_schedule_of_a_job_type_that_is_gone_does_not_outgrow_the_table(
    ward: Ward, schedules: Schedules, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(schedules, when=Cron("* * * * *"), tolerance=MINUTE)

    def gone(job_type: str) -> Address:
        raise UnknownJobTypeError(job_type)

    with monkeypatch.context() as patch:
        patch.setattr(ward.stage.doubles.directory, "find", gone)
        for _ in range(200):
            sweep(ward, MINUTE)
    assert len(schedules.show(ACME).runs) <= 130

    sweep(ward, MINUTE)
    sweep(ward, MINUTE)
    assert not schedules.show(ACME).undone
