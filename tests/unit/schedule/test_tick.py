"""What becomes of a tick: overlap, misses, pauses, and the range that a run covers."""

from datetime import timedelta

import pytest

from tests.unit.schedule.at_nine import DAY, HOUR, MOMENT, Course, a_plan, at
from workerless.frozen import replace
from workerless.schedule.schedule import Missed, Overlap
from workerless.schedule.stand import FAR, Outcome, Pause
from workerless.schedule.tick import decide
from workerless.schedule.when import Cron, Every, Once
from workerless.states import State


def test_tick_becomes_a_job_named_after_it() -> None:
    course = Course(a_plan())

    assert course.tick(at(9)) == ["due 09:00"]
    (run,) = course.stand.runs
    assert run.job_id == "report-hourly:20260601T090000Z"
    assert run.outcome is Outcome.STARTED


def test_repeated_tick_changes_nothing() -> None:
    course = Course(a_plan())
    course.tick(at(9))
    before = course.stand

    for late in range(30):
        assert course.tick(at(9), now=at(9, late)) == []
    assert course.stand == before


def test_tick_that_overtook_another_decides_both_and_the_other_nothing() -> None:
    course = Course(a_plan(when=Cron("* * * * *"), overlap=Overlap.ALLOW))
    course.tick(at(9))

    assert course.tick(at(9, 2)) == ["due 09:01", "due 09:02"]
    assert course.tick(at(9, 1), now=at(9, 3)) == []


@pytest.mark.parametrize(
    ("overlap", "told"),
    [
        (Overlap.SKIP, ["skipped 10:00"]),
        (Overlap.QUEUE_ONE, ["queued 10:00"]),
        (Overlap.ALLOW, ["due 10:00"]),
        (Overlap.CANCEL_OLD, ["due 10:00"]),
    ],
)
def test_tick_meets_the_run_before_as_its_schedule_says(overlap: Overlap, told: list[str]) -> None:
    course = Course(a_plan(overlap=overlap))
    course.tick(at(9))

    assert course.tick(at(10)) == told
    is_called_off = course.running["report-hourly:20260601T090000Z"] is State.CANCELLED
    assert is_called_off == (overlap is Overlap.CANCEL_OLD)


@pytest.mark.parametrize("overlap", list(Overlap))
def test_tick_runs_once_the_run_before_is_over(overlap: Overlap) -> None:
    course = Course(a_plan(overlap=overlap))
    course.tick(at(9))
    course.end_all()

    assert course.tick(at(10)) == ["due 10:00"]


@pytest.mark.parametrize("state", [State.HELD, State.FAILED, None])
def test_run_that_nothing_moves_any_more_holds_up_nobody(state: State | None) -> None:
    course = Course(a_plan())
    course.tick(at(9))
    course.running["report-hourly:20260601T090000Z"] = state

    assert course.tick(at(10)) == ["due 10:00"]


def test_of_many_queued_ticks_the_last_runs_for_all() -> None:
    course = Course(a_plan(overlap=Overlap.QUEUE_ONE))
    course.tick(at(9))
    for hour in (10, 11, 12):
        assert course.tick(at(hour)) == [f"queued {hour}:00"]
    assert course.look(at(12, 30)) == []

    course.end_all()
    assert course.look(at(12, 31)) == ["due 12:00"]
    assert course.stand.runs[-1].after == at(9)
    assert course.stand.queued is None


def test_run_covers_all_since_the_run_before() -> None:
    course = Course(a_plan())
    course.tick(at(9))
    course.tick(at(10))  # skipped
    course.end_all()
    course.tick(at(11))

    assert [run.after for run in course.stand.runs if run.job_id] == [at(8), at(9)]


@pytest.mark.parametrize(
    ("missed", "told"),
    [
        (Missed.NONE, ["missed 13:00 x4", "due 14:00"]),
        (Missed.LATEST, ["missed 13:00 x4", "due 14:00"]),
        (Missed.ALL, ["missed 13:00 x4", "due 14:00", "due 10:00", "due 11:00", "due 12:00"]),
    ],
)
def test_missed_ticks_are_made_up_for_when_the_next_one_comes(
    missed: Missed, told: list[str]
) -> None:
    course = Course(a_plan(missed=missed, overlap=Overlap.ALLOW))
    course.tick(at(9))

    assert course.tick(at(14))[: len(told)] == told
    after = [run.after for run in course.stand.runs if run.tick == at(14)]
    assert after == [at(13) if missed is Missed.ALL else at(9)]


@pytest.mark.parametrize(
    ("missed", "told"),
    [
        (Missed.NONE, ["missed 10:00"]),
        (Missed.LATEST, ["missed 10:00", "due 10:00"]),
        (Missed.ALL, ["missed 10:00", "due 10:00"]),
    ],
)
def test_tick_that_never_comes_is_missed_after_its_tolerance(
    missed: Missed, told: list[str]
) -> None:
    course = Course(a_plan(missed=missed, tolerance=timedelta(minutes=7)))
    course.tick(at(9))
    course.end_all()
    assert course.stand.look_at == at(10, 7) + timedelta(seconds=1)

    assert course.look(at(10, 7)) == []
    assert course.look(at(10, 7) + MOMENT) == told
    assert course.tick(at(10), now=at(10, 8)) == []


def test_one_run_stands_for_all_that_was_missed() -> None:
    course = Course(a_plan())
    course.tick(at(9))
    course.end_all()

    assert course.look(at(20, 30)) == ["missed 20:00 x11", "due 20:00"]
    assert course.stand.runs[-1].after == at(9)


def test_ticks_older_than_the_window_are_not_made_up_for() -> None:
    course = Course(a_plan(window=3 * HOUR, missed=Missed.ALL, overlap=Overlap.ALLOW))
    course.tick(at(9))

    told = course.look(at(9, 30, day=2))
    assert told == ["missed 09:00 x24", "due 07:00", "due 08:00", "due 09:00"]


def test_missed_runs_that_must_not_overlap_follow_each_other() -> None:
    course = Course(a_plan(missed=Missed.ALL))
    course.tick(at(9))
    course.end_all()

    assert course.look(at(12, 30)) == ["missed 12:00 x3", "due 10:00"]
    assert course.look(at(12, 31)) == []
    course.end_all()
    assert course.look(at(12, 32)) == ["due 11:00"]
    assert course.tick(at(13)) == ["skipped 13:00"]
    course.end_all()
    assert course.look(at(13, 1)) == ["due 12:00"]
    assert course.stand.catch_up == ()
    assert [run.after for run in course.stand.runs if run.tick == at(12)][-1] == at(11)


def test_long_outage_is_caught_up_with_a_few_at_a_time() -> None:
    course = Course(a_plan(when=Cron("* * * * *"), missed=Missed.ALL, overlap=Overlap.ALLOW))
    course.tick(at(9))

    assert len(course.look(at(10, 30))) == 21
    while course.stand.catch_up:
        course.look(at(10, 31))
    ticks = [run.tick for run in course.stand.runs if run.job_id]
    assert ticks[-1] == at(10, 25)


def test_paused_schedule_misses_nothing() -> None:
    course = Course(a_plan(missed=Missed.ALL))
    course.tick(at(9))
    course.stand = replace(course.stand, pause=Pause(by="ada", at=at(9, 30), why="tax day"))

    assert course.tick(at(10)) == ["paused 10:00"]
    assert course.look(at(18, 30)) == ["paused 18:00 x8"]
    assert course.stand.look_at == FAR
    course.stand = replace(course.stand, pause=None)
    course.end_all()
    assert course.look(at(18, 59)) == []
    assert course.tick(at(19)) == ["due 19:00"]


def test_pause_ends_by_itself() -> None:
    course = Course(a_plan())
    course.tick(at(9))
    course.end_all()
    pause = Pause(by="ada", at=at(9, 30), why="tax day", until=at(12))
    course.stand = replace(course.stand, pause=pause)

    assert course.tick(at(11)) == ["paused 11:00 x2"]
    assert course.stand.look_at == at(12, 5) + timedelta(seconds=1)
    assert course.tick(at(12)) == ["due 12:00"]
    assert course.stand.pause is None


def test_new_schedule_has_missed_nothing() -> None:
    course = Course(a_plan(missed=Missed.ALL))

    assert course.look(at(9, 30)) == []
    assert course.stand.look_at == at(10, 5) + timedelta(seconds=1)


def test_another_timetable_begins_when_it_is_seen_first() -> None:
    course = Course(a_plan(missed=Missed.ALL, when=Cron("0 9 * * *")))
    course.tick(at(9))
    course.end_all()
    course.plan = replace(course.plan, when=Cron("0 * * * *"))

    assert course.look(at(14, 30)) == []
    assert course.tick(at(15)) == ["due 15:00"]


def test_late_tick_of_an_old_timetable_runs_nothing_twice() -> None:
    course = Course(a_plan())
    old = course.plan
    course.tick(at(9))
    course.end_all()
    course.plan = replace(old, when=Cron("30 * * * *"))
    course.tick(at(9, 30))
    course.end_all()
    course.plan = old

    before = course.stand
    assert course.tick(at(9), now=at(9, 40)) == []
    assert course.stand == before


def test_tick_between_two_of_an_interval_is_none() -> None:
    course = Course(a_plan(when=Every(hours=7)))
    first = course.plan.timetable.until(at(12)) or at(0)
    course.tick(first)
    course.end_all()

    for hour in range(1, 7):
        assert course.tick(first + hour * HOUR) == []
    assert course.tick(first + 7 * HOUR) != []


@pytest.mark.parametrize("ahead", [DAY, timedelta(minutes=3)])
def test_tick_from_the_future_is_nobodys(ahead: timedelta) -> None:
    course = Course(a_plan(when=Cron("* * * * *")))

    assert course.tick(at(9) + ahead, now=at(9)) == []


def test_schedule_that_is_over_is_never_looked_at_again() -> None:
    course = Course(a_plan(when=Once(at(9))))
    course.look(at(8))
    course.tick(at(9))

    assert course.stand.look_at == FAR


def test_history_is_short_however_long_a_schedule_lives() -> None:
    course = Course(a_plan(overlap=Overlap.ALLOW))
    for hour in range(24):
        course.tick(at(hour))

    assert len(course.stand.runs) == 20


def test_decision_that_was_not_carried_out_is_carried_out_by_the_next() -> None:
    plan = a_plan()
    course = Course(plan)
    crashed = decide(plan, course.stand, {}, now=at(9), tick=at(9)).stand

    again = decide(plan, crashed, {}, now=at(9, 1), tick=at(9))
    assert again.stand.undone == crashed.undone
    assert again.told == ()
