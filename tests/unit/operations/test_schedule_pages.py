"""Whose schedules an operator sees, and that nobody's page tells of another's."""

from typing import Any

import pytest

from tests.unit.operations.ward import Ward
from tests.unit.schedule.at_nine import HOUR, a_plan
from workerless.errors import CursorRefusedError, ScheduleNotFoundError
from workerless.schedule.stand import Reprocess, Stand

ACME, GLOBEX = "acme", "globex"


def add(ward: Ward, name: str, tenant: str | None, hour: int = 0) -> str:
    schedule_id = f"visit--{name}"
    plan = a_plan(schedule_id=schedule_id, job_type="visit", data={"number": 1}, tenant=tenant)
    look_at = ward.clock.now() + hour * HOUR
    ward.desk.stands.save(Stand(schedule_id=schedule_id, plan=plan, look_at=look_at))
    return schedule_id


def pages(ward: Ward, tenant: str | None, limit: int) -> list[list[str]]:
    schedules, found, cursor = ward.operations.schedules.of(tenant), list[list[str]](), None
    while True:
        page = schedules.list(limit=limit, cursor=cursor)
        found.append([one.schedule_id for one in page.found])
        if (cursor := page.cursor) is None:
            return found


def test_tenant_sees_its_own_schedules_page_by_page(ward: Ward) -> None:
    mine = [add(ward, f"mine-{hour}", ACME, hour) for hour in range(5)]
    for hour in range(5):
        add(ward, f"theirs-{hour}", GLOBEX, hour)
    add(ward, "nobodys", None)

    found = pages(ward, ACME, 2)

    assert [one for page in found for one in page] == mine
    assert len(pages(ward, None, 200)[0]) == 11


def test_page_among_many_of_others_is_short_and_has_a_next(ward: Ward) -> None:
    for number in range(40):
        add(ward, f"theirs-{number}", GLOBEX)
    mine = add(ward, "mine", ACME, hour=1)

    found = pages(ward, ACME, 1)

    assert found[0] == []
    assert found[-1] == [mine]
    assert len(found) == 5


def test_cursor_tells_nothing_and_is_of_one_tenant_only(ward: Ward) -> None:
    for hour in range(4):
        add(ward, f"secret-{hour}", (ACME, GLOBEX)[hour % 2], hour)
    schedules = ward.operations.schedules

    cursor = schedules.of(ACME).list(limit=1).cursor

    assert cursor is not None
    assert "secret" not in cursor
    for other in (schedules, schedules.of(GLOBEX)):
        with pytest.raises(CursorRefusedError):
            other.list(limit=1, cursor=cursor)


def test_no_verb_reaches_anothers_schedule(ward: Ward) -> None:
    now = ward.clock.now()
    theirs, nobodys = add(ward, "theirs", GLOBEX), add(ward, "nobodys", None)
    before = ward.desk.stands.read_many([theirs, nobodys])
    mine = ward.operations.schedules.of(ACME)
    span: Any = {"first": now - HOUR, "last": now, "reprocess": Reprocess.NONE}

    for schedule_id in (theirs, nobodys):
        for verb in (
            mine.show,
            lambda one: mine.next(one, 1),
            lambda one: mine.pause(one, why="x"),
            mine.resume,
            mine.run,
            lambda one: mine.preview(one, **span),
            lambda one: mine.backfill(one, limit=1, **span),
            mine.stop,
        ):
            with pytest.raises(ScheduleNotFoundError):
                verb(schedule_id)

    assert ward.desk.stands.read_many([theirs, nobodys]) == before
    assert ward.records() == []
