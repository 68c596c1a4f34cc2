"""The sweeper and schedules: what no tick came for, what nobody declares, what AWS forgot."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.schedule.at_nine import HOUR, a_plan
from workerless import JobType, Payload
from workerless.errors import RecordUnreadableError, StoreUnavailableError, WorkerlessError
from workerless.execution.schedule_repair import repair
from workerless.execution.schedule_sweep import ScheduleSweeper, sweep_schedules
from workerless.execution.ticking import take_tick
from workerless.frozen import replace
from workerless.schedule.plan import Plan
from workerless.schedule.stand import FAR, Stand
from workerless.schedule.when import Cron, Once
from workerless.testing.doubles import Doubles
from workerless.testing.memory import FakeClock


class Report(Payload):
    """A report."""

    of: str


REPORT = JobType(name="report", payload=Report)


@pytest.fixture
def doubles() -> Doubles:
    made = Doubles(FakeClock())
    made.add(REPORT)
    return made


def declare(doubles: Doubles, plan: Plan) -> Plan:
    doubles.plans.declared[plan.schedule_id] = plan
    return plan


def make(doubles: Doubles, key: str, **options: Any) -> Plan:
    """A dynamic schedule, as whoever makes one does: first its stand, then Scheduler's entry."""
    plan = a_plan(schedule_id=f"report--{key}", **options)
    stand = Stand(schedule_id=plan.schedule_id, plan=plan, look_at=doubles.clock.now())
    assert doubles.stands.save(stand)
    doubles.scheduler.put(plan)
    return plan


def sweep(doubles: Doubles, wait: timedelta = timedelta(0)) -> int:
    doubles.clock.advance(wait)
    sweeper = doubles.schedule_sweeper()
    looked = sweep_schedules(sweeper)
    repair(sweeper)
    return looked


def ids(doubles: Doubles) -> list[str]:
    return [record.job_id for record in doubles.store.records()]


def events(doubles: Doubles) -> list[str]:
    return [str(line["event"]) for line in doubles.telemetry.transitions]


def test_declared_schedule_is_known_before_its_first_tick(doubles: Doubles) -> None:
    declare(doubles, a_plan())
    sweep(doubles)

    (stand,) = doubles.stands.read_many(["report-hourly"])
    assert stand is not None
    assert stand.look_at == doubles.clock.now() + timedelta(hours=1, minutes=5, seconds=1)


def test_sweep_that_finds_nothing_to_do_writes_nothing(doubles: Doubles) -> None:
    declare(doubles, a_plan())
    sweep(doubles)
    before = doubles.stands.read_many(["report-hourly"])

    assert sweep(doubles, timedelta(minutes=1)) == 0
    assert doubles.stands.read_many(["report-hourly"]) == before


def test_tick_that_did_not_come_is_told_and_made_up_for(doubles: Doubles) -> None:
    plan = declare(doubles, a_plan())
    sweep(doubles)

    assert sweep(doubles, timedelta(hours=1, minutes=6)) == 1
    assert events(doubles) == ["schedule.missed", "schedule.started"]
    assert ids(doubles) == [plan.job_id(FakeClock().now() + HOUR)]


def test_schedule_that_nobody_declares_any_more_is_forgotten(doubles: Doubles) -> None:
    declare(doubles, a_plan())
    sweep(doubles)
    doubles.plans.declared.clear()

    sweep(doubles, 2 * HOUR)
    assert doubles.stands.read_many(["report-hourly"]) == [None]
    assert ids(doubles) == []


def test_declared_schedule_that_cannot_be_read_is_not_forgotten(doubles: Doubles) -> None:
    """As one of a job type that was deployed before the sweeper that can read it."""
    plan = declare(doubles, a_plan())
    sweep(doubles)
    doubles.plans.declared[plan.schedule_id] = None

    sweep(doubles, 2 * HOUR)
    assert doubles.stands.read_many(["report-hourly"]) != [None]
    assert len(ids(doubles)) == 1


def test_schedules_go_on_while_nobody_can_tell_which_are_declared(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(doubles, a_plan())
    sweep(doubles)

    def silent() -> dict[str, Plan]:
        raise WorkerlessError("no answer")

    monkeypatch.setattr(doubles.plans, "all", silent)
    sweep(doubles, 2 * HOUR)
    assert [one.event for one in doubles.telemetry.troubles] == ["schedules_unreadable"]
    assert len(ids(doubles)) == 1


def test_new_timetable_counts_from_when_it_was_deployed(doubles: Doubles) -> None:
    plan = declare(doubles, a_plan(when=Cron("0 0 1 1 *")))
    sweep(doubles)
    declare(doubles, replace(plan, when=Cron("0 * * * *")))
    sweep(doubles, timedelta(minutes=1))

    sweep(doubles, timedelta(hours=1, minutes=5))
    assert events(doubles) == ["schedule.missed", "schedule.started"]


def test_trouble_of_one_schedule_is_its_own(doubles: Doubles) -> None:
    declare(doubles, a_plan(schedule_id="lost-hourly", job_type="lost"))
    plan = declare(doubles, a_plan())
    sweep(doubles)

    sweep(doubles, timedelta(hours=1, minutes=6))
    assert [one.event for one in doubles.telemetry.troubles] == ["schedule_stuck"]
    assert ids(doubles) == [plan.job_id(FakeClock().now() + HOUR)]


def test_store_that_is_down_ends_the_sweep_and_the_next_goes_on(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(doubles, a_plan())
    sweep(doubles)

    def down(stand: Stand) -> bool:
        raise StoreUnavailableError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(doubles.stands, "save", down)
        sweep(doubles, timedelta(hours=1, minutes=6))
    assert [one.event for one in doubles.telemetry.troubles] == ["store_unavailable"]
    sweep(doubles, timedelta(minutes=1))
    assert len(ids(doubles)) == 1


def test_dynamic_schedule_whose_ticks_do_not_come_is_told_to_scheduler_again(
    doubles: Doubles,
) -> None:
    plan = make(doubles, "acme")
    sweep(doubles)
    doubles.scheduler.entries["report--acme"] = replace(plan, when=Cron("0 0 1 1 *"))

    sweep(doubles, timedelta(hours=1, minutes=6))
    assert doubles.scheduler.entries == {"report--acme": plan}


def test_table_counts_for_a_dynamic_schedule_whatever_its_tick_says(doubles: Doubles) -> None:
    plan = make(doubles, "acme", tenant="acme")
    sweep(doubles)
    doubles.clock.advance(HOUR)

    taken = take_tick(replace(plan, tenant="old"), doubles.clock.now(), doubles.ticking())
    assert taken is not None
    assert [record.tenant for record in doubles.store.records()] == ["acme"]


def test_tick_of_a_deleted_dynamic_schedule_is_nobodys(doubles: Doubles) -> None:
    plan = a_plan(schedule_id="report--acme")

    assert take_tick(plan, doubles.clock.now(), doubles.ticking()) is None
    assert ids(doubles) == []


def test_stand_that_nobody_can_read_is_in_the_way_of_no_other(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(doubles, a_plan(schedule_id="report-broken"))
    plan = declare(doubles, a_plan())
    make(doubles, "broken")
    sweep(doubles)
    read_many = doubles.stands.read_many

    def choosy(ids: Sequence[str]) -> list[Stand | None]:
        if any(one.endswith("broken") for one in ids):
            raise RecordUnreadableError("of a later version")
        return read_many(ids)

    monkeypatch.setattr(doubles.stands, "read_many", choosy)
    sweep(doubles, timedelta(hours=1, minutes=6))
    assert ids(doubles) == [plan.job_id(FakeClock().now() + HOUR)]
    told = {one.event for one in doubles.telemetry.troubles}
    assert told == {"schedule_stuck", "schedules_not_repaired"}


def test_sweep_ends_when_its_time_is_over(doubles: Doubles) -> None:
    declare(doubles, a_plan())
    sweep(doubles)
    doubles.clock.advance(2 * HOUR)
    sweeper: ScheduleSweeper = replace(doubles.schedule_sweeper(), until=doubles.clock.now())

    assert sweep_schedules(sweeper) == 0


def test_schedule_that_is_over_is_left_alone(doubles: Doubles) -> None:
    declare(doubles, a_plan(when=Once(doubles.clock.now() + HOUR)))
    sweep(doubles)
    sweep(doubles, 2 * HOUR)

    (stand,) = doubles.stands.read_many(["report-hourly"])
    assert stand is not None
    assert stand.look_at == FAR
    assert len(ids(doubles)) == 1


@pytest.fixture(autouse=True)
def _no_leftovers(doubles: Doubles) -> Iterator[None]:
    yield
    assert doubles.clock.sleeps == []
