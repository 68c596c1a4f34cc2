"""The stands of schedules: what was saved is what is found, in memory and in a table."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.contract.conftest import CLOUDS, Cloud, create_table
from tests.unit.schedule.at_nine import a_plan
from workerless.aws.schedule.stands import DynamoStands
from workerless.aws.table import Table
from workerless.errors import CursorRefusedError, RecordUnreadableError
from workerless.frozen import replace
from workerless.schedule.stand import (
    Backfill,
    Outcome,
    Pause,
    Reprocess,
    Run,
    Span,
    Stand,
)
from workerless.schedule_ports import StandStore
from workerless.testing.memory import FakeClock
from workerless.testing.schedule.stands import InMemoryStands

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = FakeClock().now()
HOUR = timedelta(hours=1)
WHOLE = Stand(
    schedule_id="report-hourly",
    plan=a_plan(start=NOW, tenant="acme", tags=("a", "b"), data={"of": "é", "n": [1, None]}),
    timing="0 * * * * UTC",
    decided_until=NOW,
    covered_until=NOW - HOUR,
    runs=(
        Run(tick=NOW, outcome=Outcome.DUE, at=NOW, job_id="report-hourly:1", after=NOW - HOUR),
        Run(tick=NOW, outcome=Outcome.MISSED, at=NOW, count=3),
    ),
    queued=NOW,
    catch_up=(Span(after=NOW, until=NOW + HOUR),),
    backfill=Backfill(
        backfill_id="b1",
        span=Span(after=NOW, until=NOW + HOUR),
        limit=3,
        reprocess=Reprocess.FAILED,
        by="ada",
        at=NOW,
        finished_at=NOW,
    ),
    pause=Pause(by="ada", at=NOW, why="tax day", until=NOW + HOUR),
    is_untold=True,
    made_at=NOW,
    look_at=NOW + HOUR,
)


@pytest.fixture(params=["memory", *CLOUDS])
def stands(
    request: pytest.FixtureRequest, clouds: Callable[[str], Cloud], clock: FakeClock
) -> StandStore:
    if request.param == "memory":
        return InMemoryStands()
    client = clouds(request.param).dynamodb
    return DynamoStands(Table(client, create_table(client), clock))


def a_stand(name: str, hours: int = 0) -> Stand:
    return Stand(schedule_id=f"report-{name}", look_at=NOW + hours * HOUR)


def test_nothing_is_known_of_a_new_schedule(stands: StandStore) -> None:
    assert stands.read_many(["report-hourly", "report--acme"]) == [None, None]
    assert stands.due(before=NOW, limit=10) == []


def test_saved_stand_is_read_back_whole(stands: StandStore) -> None:
    assert stands.save(WHOLE)

    assert stands.read_many(["report-hourly"]) == [replace(WHOLE, version=1)]


def test_of_two_who_read_the_same_one_saves(stands: StandStore) -> None:
    stands.save(WHOLE)
    (read,) = stands.read_many(["report-hourly"])
    assert read is not None

    assert stands.save(replace(read, queued=None))
    assert not stands.save(replace(read, runs=()))
    assert not stands.save(replace(read, version=0, runs=()))
    assert stands.read_many(["report-hourly"]) == [replace(WHOLE, version=2, queued=None)]


def test_own_save_whose_answer_was_lost_is_no_conflict(stands: StandStore) -> None:
    stands.save(WHOLE)

    assert stands.save(WHOLE)
    assert stands.read_many(["report-hourly"]) == [replace(WHOLE, version=1)]


def test_stand_is_deleted_only_as_it_was_read(stands: StandStore) -> None:
    stands.save(WHOLE)

    assert not stands.delete(WHOLE)
    assert stands.delete(replace(WHOLE, version=1))
    assert stands.delete(replace(WHOLE, version=1))
    assert stands.read_many(["report-hourly"]) == [None]
    assert stands.due(before=NOW + 2 * HOUR, limit=10) == []


def test_stand_that_was_made_anew_is_not_the_one_that_was_read(stands: StandStore) -> None:
    """Both are at their first version: who read the deleted one must not bring it back."""
    old, new = replace(WHOLE, made_at=NOW), replace(WHOLE, made_at=NOW + HOUR)
    assert stands.save(old)
    assert stands.delete(replace(old, version=1))
    assert stands.save(new)

    assert not stands.save(replace(old, version=1))
    assert not stands.delete(replace(old, version=1))
    assert stands.read_many(["report-hourly"]) == [replace(new, version=1)]


def test_schedules_are_looked_at_when_they_are_due(stands: StandStore) -> None:
    for name, hours in (("c", 3), ("a", 1), ("b", 2)):
        stands.save(a_stand(name, hours))

    assert stands.due(before=NOW, limit=10) == []
    assert stands.due(before=NOW + 2 * HOUR, limit=10) == ["report-a", "report-b"]
    assert stands.due(before=NOW + 9 * HOUR, limit=1) == ["report-a"]
    (read,) = stands.read_many(["report-a"])
    assert read is not None
    stands.save(replace(read, look_at=NOW + 8 * HOUR))
    assert stands.due(before=NOW + 2 * HOUR, limit=10) == ["report-b"]


def test_pages_show_every_stand_once(stands: StandStore) -> None:
    for number in range(5):
        stands.save(a_stand(str(number), number))

    found, cursor = [], None
    while True:
        page = stands.page(limit=2, cursor=cursor)
        found += [one.schedule_id for one in page.found]
        if (cursor := page.cursor) is None:
            break
    assert found == [f"report-{number}" for number in range(5)]


def test_ids_are_those_of_all_schedules(stands: StandStore) -> None:
    assert stands.ids() == set()
    for number in range(5):
        stands.save(a_stand(str(number), number))

    assert stands.ids() == {f"report-{number}" for number in range(5)}


@pytest.mark.parametrize("cursor", ["x", "{}", '["a"]', '["a", "x"]', "é"])
def test_cursor_that_no_page_had_is_refused(stands: StandStore, cursor: str) -> None:
    with pytest.raises(CursorRefusedError):
        stands.page(limit=2, cursor=cursor)


def test_what_is_no_stand_is_not_read(
    dynamodb: "DynamoDBClient", table: str, clock: FakeClock
) -> None:
    item = {"pk": {"S": "SCHEDULE#x"}, "sk": {"S": "STAND"}, "version": {"N": "1"}}
    dynamodb.put_item(TableName=table, Item={**item, "told": {"S": '{"runs": 7}'}})

    with pytest.raises(RecordUnreadableError, match="schedule x"):
        DynamoStands(Table(dynamodb, table, clock)).read_many(["x"])
