"""context: time left, and progress that is checked, spaced out and fenced."""

import json
from datetime import datetime, timedelta
from logging import LoggerAdapter, getLogger
from typing import Any

import pytest

from workerless.execution.context import JobContext
from workerless.execution.steps import Steps
from workerless.record import Progress
from workerless.signals import LeaseLost
from workerless.testing.memory import FakeClock

SECOND = timedelta(seconds=1)


class Watcher:
    """Keeps what a job tells; ``owns`` says whether the job is still ours."""

    def __init__(self) -> None:
        self.told: list[Progress] = []
        self.owns = True

    def save(self, progress: Progress, at: datetime) -> bool:
        self.told.append(progress)
        return self.owns


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
def job(clock: FakeClock, watcher: Watcher) -> JobContext:
    return JobContext(
        job_id="order:1",
        job_type="greet",
        attempt=1,
        max_attempts=3,
        deadline=clock.now() + SECOND * 10,
        logger=LoggerAdapter(getLogger("tests"), {}),
        clock=clock,
        save_progress=watcher.save,
        steps=Steps({}, lambda _steps: True),
    )


def test_time_left_shrinks_to_nothing_and_never_below(job: JobContext, clock: FakeClock) -> None:
    assert job.time_left() == SECOND * 10

    clock.advance(SECOND * 9)
    assert job.time_left() == SECOND

    clock.advance(SECOND * 9)
    assert job.time_left() == timedelta(0)


def test_progress_is_told_with_its_step_and_whatever_else(
    job: JobContext, watcher: Watcher
) -> None:
    job.progress(40, "resize", width=800)

    assert watcher.told == [Progress(percent=40, step="resize", meta={"width": 800})]


def test_progress_is_written_at_most_once_a_second(
    job: JobContext, watcher: Watcher, clock: FakeClock
) -> None:
    for percent in range(100):
        job.progress(percent)
        clock.advance(timedelta(milliseconds=100))

    assert [one.percent for one in watcher.told] == list(range(0, 100, 10))


def test_hundred_per_cent_is_always_written(job: JobContext, watcher: Watcher) -> None:
    job.progress(99)
    job.progress(99.5)
    job.progress(100)

    assert [one.percent for one in watcher.told] == [99, 100]


def test_job_that_lost_its_lease_is_stopped_where_it_tells_its_progress(
    job: JobContext, watcher: Watcher
) -> None:
    watcher.owns = False

    with pytest.raises(LeaseLost):
        job.progress(10)


@pytest.mark.parametrize("percent", [-0.1, 100.1, float("nan"), float("inf")])
def test_percent_outside_of_0_to_100_is_refused(
    job: JobContext, watcher: Watcher, percent: float
) -> None:
    with pytest.raises(ValueError, match=f"percent must be between 0 and 100, got {percent}"):
        job.progress(percent)

    assert watcher.told == []


def cyclic() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        b"x",
        float("nan"),
        "x" * 2_001,
        "\ud800",
        {"\ud800": 1},
        cyclic(),
    ],
    ids=["object", "set", "bytes", "nan", "long", "surrogate", "surrogate-key", "cycle"],
)
def test_what_cannot_be_stored_is_refused_even_when_it_would_not_be_written(
    job: JobContext, watcher: Watcher, value: object
) -> None:
    job.progress(1)

    with pytest.raises(ValueError, match="step and meta must be"):
        job.progress(2, seen=value)

    assert len(watcher.told) == 1


def test_step_counts_towards_the_limit(job: JobContext) -> None:
    with pytest.raises(ValueError, match="at most 2000 characters of JSON, got 2"):
        job.progress(1, "x" * 2_000)


def test_all_that_is_told_is_json(job: JobContext, watcher: Watcher) -> None:
    job.progress(1, "größe \U0001f600", sizes=[1, 2.5], done=None)

    (told,) = watcher.told
    assert json.loads(json.dumps(told.meta)) == told.meta
