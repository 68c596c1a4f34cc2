"""Schedules that are made at run time: the table is the truth, Scheduler its mirror."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.operations.ward import Ward
from tests.unit.schedule.at_nine import HOUR, a_plan
from workerless.errors import (
    DeclarationError,
    EnqueueRefusedError,
    OperationRefusedError,
    PlatformUnavailableError,
    ScheduleNotFoundError,
    UnknownJobTypeError,
)
from workerless.execution.schedule_repair import repair
from workerless.execution.schedule_sweep import sweep_schedules
from workerless.execution.ticking import take_tick
from workerless.frozen import replace
from workerless.operations.schedule_service import Schedules
from workerless.schedule.plan import Plan
from workerless.schedule.schedule import Overlap
from workerless.schedule.stand import Outcome
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


def test_schedule_that_is_put_fires_until_it_is_deleted(ward: Ward, schedules: Schedules) -> None:
    plan = schedules.plan("visit", wanted())
    kept = schedules.put(plan, why="they asked")

    assert (kept.created, kept.changed, kept.stand.schedule_id) == (True, True, ACME)
    assert kept.stand == schedules.show(ACME)
    assert entries(ward) == {ACME: plan}
    ward.stage.advance(2 * HOUR)
    assert ward.ran == [1, 1]

    schedules.delete(ACME, why="they left")
    assert entries(ward) == {}
    ward.stage.advance(2 * HOUR)
    assert ward.ran == [1, 1]
    with pytest.raises(ScheduleNotFoundError):
        schedules.delete(ACME)
    noted = [(one.verb, one.on, one.why) for one in ward.operations.audit.list().items]
    assert noted[-1] == ("put schedule", ACME, "they asked")
    assert noted[0] == ("delete schedule", ACME, "they left")


def test_same_schedule_again_changes_nothing(ward: Ward, schedules: Schedules) -> None:
    plan = put(schedules)
    before = schedules.show(ACME)
    noted = len(ward.operations.audit.list().items)

    kept = schedules.put(plan)
    assert (kept.created, kept.changed, kept.stand) == (False, False, before)
    assert len(ward.operations.audit.list().items) == noted


def test_change_keeps_pause_and_history_and_a_new_timetable_begins_now(
    ward: Ward, schedules: Schedules
) -> None:
    put(schedules)
    ward.stage.advance(HOUR)
    schedules.pause(ACME, why="tax day")
    kept = schedules.put(schedules.plan("visit", wanted(when=Cron("30 * * * *"))))

    assert not kept.created
    assert kept.stand.pause is not None
    assert [run.outcome for run in kept.stand.runs] == [Outcome.STARTED]
    assert kept.stand.decided_until == ward.clock.now()
    assert entries(ward)[ACME].when == Cron("30 * * * *")
    schedules.resume(ACME)
    ward.stage.advance(HOUR)
    assert [run.tick.minute for run in schedules.show(ACME).runs] == [0, 30]


def test_other_payload_on_the_same_timetable_misses_no_tick(
    ward: Ward, schedules: Schedules
) -> None:
    put(schedules)
    ward.clock.advance(HOUR)
    put(schedules, data={"number": 2})

    sweep(ward, 6 * MINUTE)
    ward.stage.drain()
    assert ward.ran == [2]


def test_late_tick_of_a_deleted_schedule_does_nothing(ward: Ward, schedules: Schedules) -> None:
    plan = put(schedules)
    ward.clock.advance(HOUR)
    schedules.delete(ACME)

    assert take_tick(plan, ward.clock.now(), ward.stage.doubles.ticking()) is None
    assert schedules.list().found == ()
    assert ward.records() == []


def test_silence_of_scheduler_is_told_and_the_sweeper_makes_up_for_it(
    ward: Ward, schedules: Schedules, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler = ward.stage.doubles.scheduler

    def silent(_: object) -> None:
        raise PlatformUnavailableError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(scheduler, "put", silent)
        with pytest.raises(PlatformUnavailableError):
            put(schedules)
    assert schedules.show(ACME).is_untold
    sweep(ward, MINUTE)
    assert entries(ward).keys() == {ACME}
    assert not schedules.show(ACME).is_untold

    with monkeypatch.context() as patch:
        patch.setattr(scheduler, "remove", silent)
        with pytest.raises(PlatformUnavailableError):
            schedules.delete(ACME)
    repair(ward.stage.doubles.schedule_sweeper())
    assert entries(ward) == {}


def test_repeated_put_tells_a_scheduler_that_did_not_answer(
    ward: Ward, schedules: Schedules, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_: object) -> None:
        raise PlatformUnavailableError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(ward.stage.doubles.scheduler, "put", silent)
        with pytest.raises(PlatformUnavailableError):
            put(schedules)

    put(schedules)
    assert entries(ward).keys() == {ACME}


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"key": "two words"}, DeclarationError, "name must be letters, digits"),
        ({"key": "x" * 54}, EnqueueRefusedError, "at most 60 characters"),
        ({"data": {"number": "x"}}, EnqueueRefusedError, r"data\.number"),
        ({"spread": HOUR}, DeclarationError, "spread must be whole minutes"),
        ({"tenant": "two words"}, DeclarationError, "tenant must be"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    schedules: Schedules, changes: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        schedules.plan("visit", wanted(**changes))


def test_what_is_never_due_is_refused(ward: Ward, schedules: Schedules) -> None:
    now = ward.clock.now()

    for never in (
        {"when": Once(now)},
        {"when": Once(now + 2 * HOUR), "end": now + HOUR},
        {"end": now - HOUR},
    ):
        with pytest.raises(OperationRefusedError, match="no tick to come"):
            schedules.plan("visit", wanted(**never))
    plan = put(schedules, when=Once(now + HOUR))
    ward.stage.advance(2 * HOUR)
    assert not schedules.put(plan).changed  # a service that starts anew puts what it put before


def test_job_type_must_be_deployed_and_its_declaration_at_hand(
    ward: Ward, schedules: Schedules
) -> None:
    with pytest.raises(UnknownJobTypeError):
        schedules.plan("nobody", wanted())
    with pytest.raises(UnknownJobTypeError):
        schedules.put(a_plan(schedule_id="nobody--a", job_type="nobody"))
    ward.declared.clear()
    with pytest.raises(OperationRefusedError, match="not at hand"):
        schedules.plan("visit", wanted())


def test_declared_schedule_is_its_job_types_affair(ward: Ward, schedules: Schedules) -> None:
    plan = a_plan(schedule_id="visit-hourly", job_type="visit", data={"number": 1})
    ward.stage.doubles.plans.declared["visit-hourly"] = plan
    sweep(ward)

    with pytest.raises(OperationRefusedError, match="declared"):
        schedules.put(replace(plan, data={"number": 2}))
    with pytest.raises(OperationRefusedError, match="declared"):
        schedules.delete("visit-hourly")


def test_tenants_choose_keys_without_knowing_of_each_other(
    ward: Ward, schedules: Schedules
) -> None:
    acme, bolt = schedules.of("acme"), schedules.of("bolt")
    plan = acme.plan("visit", wanted(tenant="acme"))
    schedules.put(schedules.plan("visit", wanted()))

    assert acme.put(plan).created
    assert bolt.put(bolt.plan("visit", wanted(tenant="bolt"))).created
    assert len(entries(ward)) == 3
    for verb in (
        lambda: bolt.delete(plan.schedule_id),
        lambda: bolt.delete(ACME),
        lambda: bolt.show(plan.schedule_id),
    ):
        with pytest.raises(ScheduleNotFoundError):
            verb()
    for refused in (
        lambda: bolt.put(plan),
        lambda: bolt.plan("visit", wanted(tenant="acme")),
        lambda: bolt.plan("visit", wanted()),
    ):
        with pytest.raises(OperationRefusedError, match="tenant must be 'bolt'"):
            refused()
    with pytest.raises(OperationRefusedError, match="key must be another"):
        bolt.put(replace(plan, tenant="bolt"))
    acme.delete(plan.schedule_id)
    assert len(entries(ward)) == 2
