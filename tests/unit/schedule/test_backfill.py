"""The ticks of a range, run later or again."""

from datetime import timedelta

import pytest

from tests.unit.schedule.at_nine import HOUR, Course, a_plan, at
from workerless.frozen import replace
from workerless.schedule.backfill import ticks_of
from workerless.schedule.schedule import Overlap
from workerless.schedule.stand import Backfill, Reprocess, Span
from workerless.states import State

FIRST = "report-hourly:20260601T010000Z"


def a_course(limit: int = 2, reprocess: Reprocess = Reprocess.NONE) -> Course:
    """Seen first at 9:30, and told then to run what was due from 1:00 to 6:00."""
    course = Course(a_plan())
    course.look(at(9, 30))
    backfill = Backfill(
        backfill_id="b1",
        span=Span(after=at(0), until=at(6)),
        limit=limit,
        reprocess=reprocess,
        by="ada",
        at=at(9, 30),
    )
    course.stand = replace(course.stand, backfill=backfill)
    return course


def test_dry_run_tells_the_ticks_of_a_range() -> None:
    assert ticks_of(a_plan(), Span(after=at(0), until=at(6)), 3) == [at(1), at(2), at(3)]


def test_backfill_runs_each_tick_with_at_most_its_limit_at_once() -> None:
    course = a_course(limit=2)

    assert course.look(at(9, 31)) == ["due 01:00", "due 02:00"]
    assert course.look(at(9, 32)) == []
    course.running[FIRST] = State.COMPLETED
    assert course.look(at(9, 33)) == ["due 03:00"]
    course.end_all()
    assert course.look(at(9, 34)) == ["due 04:00", "due 05:00"]
    course.end_all()
    assert course.look(at(9, 35)) == ["due 06:00"]
    course.end_all()
    course.look(at(9, 36))

    backfill = course.stand.backfill
    assert backfill is not None
    assert (backfill.started, backfill.left_out, backfill.finished_at) == (6, 0, at(9, 36))
    assert course.stand.look_at == at(10, 5) + timedelta(seconds=1)
    assert [run.after for run in course.stand.runs] == [at(hour) for hour in range(6)]


def test_backfill_and_schedule_do_not_wait_for_each_other() -> None:
    course = a_course(limit=2)
    course.look(at(9, 31))

    assert course.tick(at(10)) == ["due 10:00"]
    assert course.stand.covered_until == at(10)


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (None, set(Reprocess)),
        (State.COMPLETED, {Reprocess.ALL}),
        (State.FAILED, {Reprocess.FAILED, Reprocess.ALL}),
        (State.CANCELLED, {Reprocess.FAILED, Reprocess.ALL}),
        (State.PROCESSING, set()),
        (State.RETRYING, set()),
    ],
)
@pytest.mark.parametrize("reprocess", list(Reprocess))
def test_tick_that_had_a_job_runs_again_as_the_backfill_says(
    state: State | None, again: set[Reprocess], reprocess: Reprocess
) -> None:
    course = a_course(limit=1, reprocess=reprocess)
    if state is not None:
        course.running[FIRST] = state

    told = course.look(at(9, 31))
    assert told == (["due 01:00"] if reprocess in again else ["due 02:00"])
    suffix = ":b1" if state is not None else ""
    if reprocess in again:
        assert course.stand.runs[0].job_id == FIRST + suffix


def test_backfill_goes_on_through_more_ticks_than_one_look_sees() -> None:
    course = a_course(limit=100)
    course.plan = a_plan(overlap=Overlap.ALLOW)
    backfill = course.stand.backfill
    assert backfill is not None
    span = Span(after=at(0), until=at(0) + 150 * HOUR)
    course.stand = replace(course.stand, backfill=replace(backfill, span=span))

    assert len(course.look(at(9, 31))) == 100
    course.end_all()
    assert len(course.look(at(9, 32))) == 50
    course.end_all()
    course.look(at(9, 33))
    backfill = course.stand.backfill
    assert backfill is not None
    assert backfill.started == 150
    assert backfill.finished_at == at(9, 33)


def test_backfill_of_a_range_without_ticks_is_over_at_once() -> None:
    course = a_course()
    backfill = course.stand.backfill
    assert backfill is not None
    span = Span(after=at(1), until=at(1, 30))
    course.stand = replace(course.stand, backfill=replace(backfill, span=span))

    course.look(at(9, 31))
    assert course.stand.backfill is not None
    assert course.stand.backfill.finished_at == at(9, 31)
