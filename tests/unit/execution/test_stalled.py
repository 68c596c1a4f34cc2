"""Attempts that died: told once each, by whoever finds them first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench
from tests.unit.execution.morgue import Morgue
from workerless import Fixed, OnUnknownOutcome, State
from workerless.errors import StoreUnavailableError

TWICE = Fixed(attempts=2, delay=timedelta(seconds=10))


def told(morgue: Morgue, job_id: str) -> list[object]:
    return [
        line["found_by"]
        for line in morgue.telemetry.transitions
        if line["event"] == "job.stalled" and line["job_id"] == job_id
    ]


def test_claim_that_takes_over_tells_that_the_attempt_before_died(bench: Bench) -> None:
    morgue = Morgue(bench)
    (job,) = morgue.enqueue("die")

    morgue.drain()

    assert morgue.telemetry.starts(job.id) == [1, 2, 3]
    assert told(morgue, job.id) == ["claim"] * 3  # the last ended it


def test_how_long_an_attempt_ran_that_died_is_told_by_nobody(bench: Bench) -> None:
    morgue = Morgue(bench)
    morgue.enqueue("die")

    morgue.drain()

    (line,) = [one for one in morgue.telemetry.transitions if one["event"] == "job.failed"]
    assert line["reason"] == "crash_loop"
    assert line["duration_ms"] is None


def test_sweeper_tells_first_and_then_nobody_does(bench: Bench) -> None:
    morgue = Morgue(bench)
    (job,) = morgue.enqueue("die")
    morgue.invoke()
    lease = bench.record(job.id).lease
    assert lease is not None
    bench.clock.advance(lease.until - bench.clock.now() + timedelta(seconds=61))
    morgue.telemetry.killers.clear()

    for _ in range(90):
        bench.sweep()
        bench.clock.advance(timedelta(minutes=1))
    before = told(morgue, job.id)
    morgue.drain()

    assert before == ["sweeper"]
    assert told(morgue, job.id) == ["sweeper"]
    assert bench.record(job.id).state is State.COMPLETED
    assert bench.record(job.id).stalled_at == lease.until


def test_each_attempt_that_dies_is_told(make_bench: Callable[..., Bench]) -> None:
    morgue = Morgue(bench := make_bench(job_type=replace(TASK, retry=TWICE)))
    (job,) = morgue.enqueue("die")

    for _ in range(2):
        morgue.invoke()
        bench.clock.advance(timedelta(hours=1))
        bench.sweep()
    morgue.drain()

    assert told(morgue, job.id) == ["sweeper", "sweeper"]
    assert job.status().failed_reason == "crash_loop"


def test_neighbours_that_died_with_it_are_told_of_too(bench: Bench) -> None:
    morgue = Morgue(bench)
    live, die = morgue.enqueue("live", "die")

    morgue.drain()

    assert told(morgue, live.id) == ["claim"]
    assert len(told(morgue, die.id)) == 4  # in company, then three times alone


def test_job_that_is_held_since_its_attempt_died_is_told_of(
    make_bench: Callable[..., Bench],
) -> None:
    job_type = replace(TASK, on_unknown_outcome=OnUnknownOutcome.HOLD, batch_size=1)
    morgue = Morgue(make_bench(job_type=job_type))
    (job,) = morgue.enqueue("die")

    morgue.drain()

    assert job.status().state is State.HELD
    assert told(morgue, job.id) == ["claim"]


def test_line_says_which_job_and_counts_one(bench: Bench) -> None:
    morgue = Morgue(bench)
    (job,) = morgue.enqueue("die")
    morgue.invoke()
    bench.clock.advance(timedelta(hours=1))

    bench.sweep()

    (line,) = [one for one in morgue.telemetry.transitions if one["event"] == "job.stalled"]
    assert line == {
        "event": "job.stalled",
        "job_id": job.id,
        "job_type": "task",
        "state": "processing",
        "attempt": 1,
        "max_attempts": 3,
        "correlation_id": job.id,
        "tenant": None,
        "found_by": "sweeper",
    }


def test_attempt_that_only_slept_is_told_of_by_nobody_once_it_has_ended(bench: Bench) -> None:
    morgue = Morgue(bench)
    (job,) = morgue.enqueue("live")

    morgue.drain()
    bench.clock.advance(timedelta(hours=1))
    bench.sweep()

    assert told(morgue, job.id) == []
    assert bench.record(job.id).stalled_at is None


def test_sweeper_that_cannot_write_it_down_tells_nobody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    morgue = Morgue(bench)
    (job,) = morgue.enqueue("die")
    morgue.invoke()
    bench.clock.advance(timedelta(hours=1))

    def silent(*_: object) -> None:
        raise StoreUnavailableError("down")

    with monkeypatch.context() as down:
        down.setattr(bench.store, "postpone_many", silent)
        bench.sweep()
    nobody = told(morgue, job.id)
    bench.clock.advance(timedelta(minutes=1))
    bench.sweep()

    assert nobody == []
    assert told(morgue, job.id) == ["sweeper"]
