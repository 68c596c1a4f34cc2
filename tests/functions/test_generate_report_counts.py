"""generate_report: what is counted, hour by hour, whatever runs come late or not at all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.generate_report import count
from functions.generate_report.day import bounds
from functions.generate_report.figures import Figures, Line
from tests.functions.reporting import BERLIN, Place, ended
from workerless import State, Tracking
from workerless.search import Count
from workerless.testing.sample import a_record

DAY = date(2026, 11, 21)
FIRST, END = bounds(DAY, BERLIN)
NINE = END + timedelta(hours=9)
STATES = [State.COMPLETED, State.COMPLETED, State.FAILED, State.DISCARDED, State.CANCELLED]


@dataclass(frozen=True)
class Fate:
    """A job: when it was enqueued, minutes after the day began; how long it took; how it ended."""

    enqueued: int
    took: int
    state: State
    attempt: int

    @property
    def enqueued_at(self) -> datetime:
        return FIRST + timedelta(minutes=self.enqueued)

    @property
    def at(self) -> datetime:
        return self.enqueued_at + timedelta(minutes=self.took)


FATES = st.lists(
    st.builds(
        Fate,
        enqueued=st.integers(-600, 33 * 60),
        took=st.integers(0, 600),
        state=st.sampled_from(STATES),
        attempt=st.integers(1, 3),
    ),
    max_size=40,
)


def report(place: Place, day: date = DAY) -> Figures:
    run = place.run()
    return run.figures(day, run.count([day]))


def line(place: Place, day: date = DAY) -> Line:
    (one,) = report(place, day).lines
    return one


def play(fates: Sequence[Fate], gaps: Sequence[int]) -> Place:
    """Runs so many minutes apart until nine o'clock, while jobs come and end."""
    place, number = Place(), 0
    place.clock.advance(FIRST - timedelta(hours=1) - place.clock.now())
    left = sorted(enumerate(fates), key=lambda one: one[1].at)
    while place.clock.now() < NINE:
        gap = timedelta(minutes=gaps[number % len(gaps)])
        number += 1
        place.clock.advance(min(gap, NINE - place.clock.now()))
        while left and left[0][1].at <= place.clock.now():
            job, fate = left.pop(0)
            told = {"state": fate.state, "attempt": fate.attempt, "enqueued_at": fate.enqueued_at}
            place.put(ended(f"job-{job}", fate.at, **told))
        place.run().count([])
    for job, fate in left:
        place.put(a_record(f"job-{job}", enqueued_at=fate.enqueued_at, run_at=fate.at))
    return place


@settings(max_examples=25, deadline=None)
@given(FATES, st.lists(st.integers(50, 22 * 60), min_size=1, max_size=30))
def test_day_has_each_job_once_whenever_runs_come_within_the_day_that_records_are_kept(
    fates: Sequence[Fate], gaps: Sequence[int]
) -> None:
    found = report(play(fates, gaps))

    there = [one for one in fates if FIRST <= one.at < END]
    (row,) = found.lines
    states = Counter(one.state for one in there)
    assert row.completed == states[State.COMPLETED] == sum(one.completed or 0 for one in found.bars)
    assert row.failed == states[State.FAILED] == sum(one.failed for one in found.bars)
    assert (row.discarded, row.cancelled) == (states[State.DISCARDED], states[State.CANCELLED])
    assert row.retried == sum(one.attempt > 1 for one in there)
    assert row.enqueued is not None
    assert row.enqueued.number == sum(FIRST <= one.enqueued_at < END for one in fates)
    assert found.missing == []


def test_hour_is_counted_once_and_read_from_its_file_from_then_on() -> None:
    place = Place()
    place.clock.advance(timedelta(hours=12, minutes=1))
    place.put(ended("job", place.clock.now() - timedelta(minutes=10)))

    first, second = place.run().count([]), place.run().count([])

    assert (first.new, second.new) == (23, 0)
    assert {one["Tagging"] for one in place.s3.written.values()} == {"keep=45"}


def test_hour_waits_until_its_last_jobs_are_in_the_index() -> None:
    place, news = Place(), []

    for seconds in (45, 3_600 - 1, 1):
        place.clock.advance(timedelta(seconds=seconds))
        news.append(place.run().count([]).new)

    assert news == [23, 0, 1]


def test_hours_that_nobody_counted_in_time_are_said_to_be_missing() -> None:
    place = Place()
    place.clock.advance(NINE - place.clock.now())
    place.put(ended("seen", END - timedelta(minutes=1)))

    found = report(place)

    assert [one.hour for one in found.missing] == list(range(10))
    assert found.doubtful[0].hour == 10
    assert found.bars[9].completed is None
    assert (found.lines[0].completed, found.bars[23].completed) == (1, 1)
    assert found.lines[0].enqueued == Count(number=1, at_least=True)
    assert [note.split(":")[0] for note in found.notes] == [
        "not counted, their jobs are missing",
        "counted late or not to the end, jobs may be missing",
    ]


def test_day_that_goes_on_is_told_until_now() -> None:
    place = Place()
    place.clock.advance(FIRST + timedelta(hours=2, minutes=30) - place.clock.now())
    place.put(ended("job", place.clock.now() - timedelta(minutes=1)))

    found = report(place)

    assert (found.is_over, found.until.hour, found.until.minute) == (False, 2, 30)
    assert (found.lines[0].completed, found.missing) == (1, [])
    assert found.notes[0] == "the day was not over: these are the figures until 02:30"


def test_failed_job_that_is_dismissed_later_has_failed_and_is_counted_once() -> None:
    place = Place()
    place.clock.advance(NINE - place.clock.now())
    at = END - timedelta(hours=2)
    place.put(ended("job", at, state=State.DISCARDED, updated_at=at + timedelta(minutes=70)))

    assert (line(place).failed, line(place).discarded) == (1, 0)


def test_redriven_job_counts_as_enqueued_with_its_first_end_only() -> None:
    place = Place()
    place.clock.advance(NINE - place.clock.now())
    place.put(ended("job", END - timedelta(hours=2), generation=2))

    found = line(place)

    assert (found.completed, found.enqueued and found.enqueued.number) == (1, 0)


def test_held_job_has_been_enqueued_and_has_not_ended() -> None:
    place = Place()
    place.clock.advance(NINE - place.clock.now())
    at = END - timedelta(hours=2)
    place.put(a_record("job", state=State.HELD, enqueued_at=at, updated_at=at))

    found = line(place)

    assert (found.enqueued and found.enqueued.number, found.completed, found.failed) == (1, 0, 0)


@pytest.mark.parametrize(
    ("tracking", "known"),
    [
        (Tracking.FULL, {"enqueued", "completed", "discarded", "cancelled", "retried"}),
        (Tracking.LEAN, {"cancelled"}),
        (Tracking.OFF, set()),
    ],
)
def test_what_tracking_does_not_tell_is_empty(tracking: Tracking, known: set[str]) -> None:
    place = Place()
    place.directory.add("other", tracking)

    found = next(one for one in report(place, date(2026, 11, 19)).lines if one.job_type == "other")

    fields = ("enqueued", "completed", "discarded", "cancelled", "retried")
    assert {field for field in fields if getattr(found, field) is not None} == known
    assert found.failed == 0


def test_more_jobs_than_a_run_may_read_are_said_to_be_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(count, "MAX_ROWS", 3)
    place = Place()
    place.clock.advance(NINE - place.clock.now())
    for number in range(5):
        place.put(ended(f"job-{number}", END - timedelta(hours=number, minutes=1)))

    found = place.run().count([]).hours

    cut = [at for at, hour in found.items() if not hour.is_whole]
    assert max(cut) == END - timedelta(hours=3)
    assert sum(one.ended.total() for hour in found.values() for one in hour.job_types.values()) == 3


def test_job_type_that_is_gone_keeps_its_line() -> None:
    place = Place()
    place.clock.advance(datetime(2026, 11, 21, 0, 1, tzinfo=UTC) - place.clock.now())
    place.put(ended("job", datetime(2026, 11, 20, 23, 30, tzinfo=UTC)))
    place.run().count([])

    place.directory = type(place.directory)()
    (found,) = report(place).lines

    assert (found.job_type, found.completed) == ("send_email", 1)
