"""EventBridge Scheduler is the mirror of the dynamic schedules: what differs is put right."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.schedule.at_nine import HOUR, a_plan
from workerless import JobType, Payload
from workerless.errors import PlatformUnavailableError, RecordUnreadableError
from workerless.execution.mirroring import mirror
from workerless.execution.schedule_repair import (
    COMPARED_AT_ONCE,
    MOST_IN_VAIN,
    Repaired,
    repair,
)
from workerless.execution.schedule_sweep import sweep_schedules
from workerless.frozen import replace
from workerless.schedule.plan import Plan
from workerless.schedule.schedule import Overlap
from workerless.schedule.stand import Stand
from workerless.schedule.tick import renewed
from workerless.schedule.when import Cron, Once
from workerless.testing.doubles import Doubles
from workerless.testing.memory import FakeClock

MINUTE = timedelta(minutes=1)


class Report(Payload):
    """A report."""

    of: str


REPORT = JobType(name="report", payload=Report)


@pytest.fixture
def doubles() -> Doubles:
    made = Doubles(FakeClock())
    made.add(REPORT)
    return made


def make(doubles: Doubles, key: str, *, is_told: bool = True, **options: Any) -> Plan:
    plan = a_plan(schedule_id=f"report--{key}", **options)
    stand = renewed(plan, Stand(schedule_id=plan.schedule_id), now=doubles.clock.now())
    assert doubles.stands.save(stand)
    if is_told:
        at = doubles.ticking()
        told = replace(stand, version=1)
        mirror(told, stands=at.stands, scheduler=doubles.scheduler, clock=at.clock)
    return plan


def read(doubles: Doubles, schedule_id: str) -> Stand:
    (stand,) = doubles.stands.read_many([schedule_id])
    assert stand is not None
    return stand


def sweep(doubles: Doubles) -> Repaired:
    sweeper = doubles.schedule_sweeper()
    sweep_schedules(sweeper)
    return repair(sweeper)


def test_entries_are_made_for_who_has_none_and_removed_where_nobody_is(doubles: Doubles) -> None:
    here, gone = make(doubles, "here"), make(doubles, "gone")
    make(doubles, "over", when=Once(doubles.clock.now() - HOUR), is_told=False)
    doubles.scheduler.entries = {"report--here": here, "report--nobody": gone}

    assert repair(doubles.schedule_sweeper()) == Repaired(missing=1, extra=1)
    assert doubles.scheduler.entries == {"report--here": here, "report--gone": gone}
    assert repair(doubles.schedule_sweeper()) == Repaired()
    told = {one["schedule_id"]: one["was"] for one in doubles.telemetry.transitions}
    assert told == {"report--gone": "missing", "report--nobody": "extra"}


def test_schedule_that_the_index_does_not_show_yet_keeps_its_entry(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make(doubles, "new")
    monkeypatch.setattr(doubles.stands, "ids", set)

    assert repair(doubles.schedule_sweeper()) == Repaired()
    assert doubles.scheduler.entries == {"report--new": plan}


def test_entries_that_somebody_changed_are_found_in_turn(doubles: Doubles) -> None:
    number = 2 * COMPARED_AT_ONCE + 1
    plans = [make(doubles, f"k{one:03d}") for one in range(number)]
    for plan in plans:
        doubles.scheduler.put(replace(plan, when=Cron("0 0 1 1 *")))

    counts = []
    for _ in range(3):
        counts.append(repair(doubles.schedule_sweeper()).changed)
        doubles.clock.advance(MINUTE)

    assert sorted(counts) == [1, COMPARED_AT_ONCE, COMPARED_AT_ONCE]
    assert list(doubles.scheduler.entries.values()) == plans


def test_schedule_that_scheduler_was_not_told_of_is_told_by_the_next_sweep(
    doubles: Doubles,
) -> None:
    plan = make(doubles, "acme", is_told=False)
    doubles.clock.advance(MINUTE)

    sweep(doubles)
    assert doubles.scheduler.entries == {"report--acme": plan}
    assert not read(doubles, "report--acme").is_untold


def test_silence_of_scheduler_ends_it_and_is_told(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_: object) -> set[str]:
        raise PlatformUnavailableError("no answer")

    monkeypatch.setattr(doubles.scheduler, "ids", silent)
    assert repair(doubles.schedule_sweeper()) == Repaired()
    assert [one.event for one in doubles.telemetry.troubles] == ["schedules_not_repaired"]


def test_stage_without_dynamic_schedules_pays_one_call(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def ids(_: object) -> set[str]:
        calls.append("ids")
        return set()

    monkeypatch.setattr(doubles.scheduler, "ids", ids)
    monkeypatch.setattr(doubles.scheduler, "differs", lambda _: calls.append("differs"))
    assert doubles.stands.save(Stand(schedule_id="report-hourly", plan=a_plan()))

    assert repair(doubles.schedule_sweeper()) == Repaired()
    assert calls == ["ids"]


def test_of_two_who_tell_scheduler_at_once_the_later_change_counts(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make(doubles, "acme", is_told=False)
    at, put = doubles.ticking(), doubles.scheduler.put
    new = replace(old, when=Cron("0 9 * * *"))
    stand = read(doubles, "report--acme")

    def late(plan: Plan) -> None:
        """The other one changes the schedule, and tells of it, before this word is there."""
        monkeypatch.setattr(doubles.scheduler, "put", put)
        assert doubles.stands.save(renewed(new, stand, now=at.clock.now()))
        after = read(doubles, "report--acme")
        mirror(after, stands=at.stands, scheduler=doubles.scheduler, clock=at.clock)
        put(plan)

    monkeypatch.setattr(doubles.scheduler, "put", late)
    mirror(stand, stands=at.stands, scheduler=doubles.scheduler, clock=at.clock)

    assert doubles.scheduler.entries == {"report--acme": new}
    assert not read(doubles, "report--acme").is_untold


def test_schedule_that_is_deleted_while_scheduler_is_told_leaves_no_entry(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(doubles, "acme", is_told=False)
    at, put = doubles.ticking(), doubles.scheduler.put
    stand = read(doubles, "report--acme")

    def late(plan: Plan) -> None:
        assert doubles.stands.delete(stand)
        put(plan)

    monkeypatch.setattr(doubles.scheduler, "put", late)
    mirror(stand, stands=at.stands, scheduler=doubles.scheduler, clock=at.clock)

    assert doubles.scheduler.entries == {}
    assert doubles.stands.read_many(["report--acme"]) == [None]


def refusing(doubles: Doubles, monkeypatch: pytest.MonkeyPatch, schedule_id: str) -> None:
    """Scheduler answers for all but one, which it refuses."""
    put = doubles.scheduler.put

    def choosy(plan: Plan) -> None:
        if plan.schedule_id == schedule_id:
            raise PlatformUnavailableError("ValidationException")
        put(plan)

    monkeypatch.setattr(doubles.scheduler, "put", choosy)


def test_schedule_that_scheduler_refuses_is_in_the_way_of_no_other(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(doubles, "a", is_told=False)
    bolt = make(doubles, "bolt", is_told=False)
    core = make(doubles, "core")
    doubles.scheduler.entries = dict.fromkeys(("report--core", "report--nobody"), core)
    refusing(doubles, monkeypatch, "report--a")

    assert repair(doubles.schedule_sweeper()) == Repaired(missing=1, extra=1)
    assert doubles.scheduler.entries == {"report--bolt": bolt, "report--core": core}
    (trouble,) = doubles.telemetry.troubles
    assert trouble.event == "schedules_not_repaired"
    assert trouble.fields["schedule_id"] == "report--a"


def test_stand_that_nobody_can_read_is_in_the_way_of_no_other(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(doubles, "a", is_told=False)
    bolt = make(doubles, "bolt", is_told=False)
    unreadable(doubles, monkeypatch, "report--a")

    assert repair(doubles.schedule_sweeper()) == Repaired(missing=1)
    assert doubles.scheduler.entries == {"report--bolt": bolt}
    assert [one.event for one in doubles.telemetry.troubles] == ["schedules_not_repaired"]


def unreadable(doubles: Doubles, monkeypatch: pytest.MonkeyPatch, schedule_id: str) -> None:
    read_many = doubles.stands.read_many

    def choosy(ids: Sequence[str]) -> list[Stand | None]:
        if schedule_id in ids:
            raise RecordUnreadableError("of a later version")
        return read_many(ids)

    monkeypatch.setattr(doubles.stands, "read_many", choosy)


def test_schedule_that_is_over_needs_no_entry_any_more(doubles: Doubles) -> None:
    plan = make(doubles, "once", when=Once(doubles.clock.now() + HOUR))
    doubles.clock.advance(HOUR + plan.grace)
    assert repair(doubles.schedule_sweeper()) == Repaired()
    assert doubles.scheduler.entries == {"report--once": plan}

    doubles.clock.advance(MINUTE)
    assert repair(doubles.schedule_sweeper()) == Repaired()
    assert doubles.scheduler.entries == {}


def test_list_that_takes_too_long_leaves_time_to_compare(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make(doubles, "acme", is_told=False)
    extra = replace(plan, schedule_id="report--nobody")
    doubles.scheduler.put(extra)

    def endless(has_time: Callable[[], bool]) -> None:
        while has_time():
            doubles.clock.advance(MINUTE)

    monkeypatch.setattr(doubles.scheduler, "ids", endless)
    sweeper = replace(doubles.schedule_sweeper(), until=doubles.clock.now() + timedelta(minutes=30))
    assert repair(sweeper) == Repaired(changed=1)
    assert doubles.scheduler.entries == {"report--acme": plan, "report--nobody": extra}
    assert [one.event for one in doubles.telemetry.troubles] == ["schedules_not_repaired"]


def test_ticks_are_made_up_for_though_scheduler_is_silent(
    doubles: Doubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its silences takes half a minute: no schedule waits for it, and no job."""
    number = 2 * MOST_IN_VAIN
    for one in range(number):
        make(doubles, f"k{one}", overlap=Overlap.ALLOW)
    doubles.clock.advance(HOUR + timedelta(minutes=6))
    asked: list[str] = []

    def silent(plan: Plan) -> None:
        asked.append(plan.schedule_id)
        raise PlatformUnavailableError("no answer")

    monkeypatch.setattr(doubles.scheduler, "put", silent)
    sweeper = doubles.schedule_sweeper()
    assert sweep_schedules(sweeper) == number
    assert asked == []
    assert len(doubles.store.records()) == number

    repair(sweeper)
    assert len(asked) == MOST_IN_VAIN
