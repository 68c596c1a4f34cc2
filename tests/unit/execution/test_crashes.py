"""Processes that die: what is repeated, what it costs, and whom it hurts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench
from tests.unit.execution.morgue import Morgue
from workerless import Fixed, Hooks, State


def test_job_that_kills_its_process_fails_as_a_crash_loop(bench: Bench) -> None:
    morgue = Morgue(bench)
    (job,) = morgue.enqueue("die")

    morgue.drain()

    assert morgue.telemetry.starts(job.id) == [1, 2, 3]
    assert job.status().failed_reason == "crash_loop"
    assert "attempt 3 of 3" in job.status().errors[-1].message
    (letter,) = bench.dead_letters()
    assert letter.attributes["reason"] == "crash_loop"


@pytest.mark.parametrize("attempts", [1, 2, 3])
@pytest.mark.parametrize("place", [0, 4, 9])
def test_neighbours_of_a_killer_lose_nothing(
    make_bench: Callable[..., Bench], attempts: int, place: int
) -> None:
    retry = Fixed(attempts=attempts, delay=timedelta(seconds=10))
    morgue = Morgue(make_bench(job_type=replace(TASK, retry=retry)))
    jobs = morgue.enqueue(*("die" if number == place else "live" for number in range(10)))

    morgue.drain()

    killer = jobs.pop(place)
    assert killer.status().state is State.FAILED
    # It died once beside the others, uncounted, and then as often as its attempts allow, alone.
    assert len(morgue.telemetry.starts(killer.id)) <= attempts + 1
    assert {job.status().state for job in jobs} == {State.COMPLETED}
    assert {job.status().attempt for job in jobs} == {1}
    # What had just completed, and was not written yet, is repeated; the others never started.
    repeated = [(1, 1)] * place + [(1,)] * (9 - place)
    assert [tuple(morgue.telemetry.starts(job.id)) for job in jobs] == repeated


def test_two_killers_in_one_batch_hurt_nobody_else(bench: Bench) -> None:
    morgue = Morgue(bench)
    jobs = morgue.enqueue("die", *["live"] * 8, "die")

    morgue.drain()

    states = [job.status().state for job in jobs]
    assert states == [State.FAILED, *[State.COMPLETED] * 8, State.FAILED]


def test_on_failed_is_called_once_for_a_crashed_job_too(bench: Bench) -> None:
    told: list[tuple[str, str]] = []
    hooks = Hooks(on_failed=lambda job, reason, _error: told.append((job.job_id, reason)))
    morgue = Morgue(bench, hooks=[hooks])
    (job,) = morgue.enqueue("die")

    morgue.drain()

    assert told == [(job.id, "crash_loop")]


def test_job_runs_again_only_when_the_dead_attempts_lease_has_ended(bench: Bench) -> None:
    morgue = Morgue(bench)
    (job,) = morgue.enqueue("die")
    morgue.invoke()
    lease = bench.record(job.id).lease
    assert lease is not None

    # A duplicate of the message arrives while the lease lives.
    bench.send(bench.record(job.id).body)
    morgue.invoke()

    assert morgue.telemetry.starts(job.id) == [1]
    at = bench.queue.next_visible_at(bench.address.queue)
    assert at is not None
    assert at >= lease.until
