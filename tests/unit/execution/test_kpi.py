"""What a business counts of jobs: success and failure, told once each, without their payloads."""

from datetime import timedelta

import pytest

from tests.unit.execution.bench import Bench, Done, Task
from tests.unit.execution.morgue import Morgue
from workerless import Discard, Fail, Hooks, Kpi, Snooze

SECOND = timedelta(seconds=1)
QUOTED = "ada@example.com"


@pytest.fixture
def told() -> list[Kpi]:
    return []


def test_success_tells_how_soon_it_was_and_how_long_its_last_attempt_ran(
    bench: Bench, told: list[Kpi]
) -> None:
    def perform(payload: Task) -> Done:
        bench.clock.advance(2 * SECOND)
        if bench.clock.now() - start < 10 * SECOND:
            raise ConnectionError
        return Done(text=payload.text)

    start = bench.clock.now()
    bench.handle(perform, hooks=[Hooks(on_kpi=told.append)])
    job = bench.client.enqueue(bench.job_type, Task(text=QUOTED), tenant="acme")

    bench.drain()

    (kpi,) = told
    assert (kpi.outcome, kpi.reason, kpi.error_type) == ("success", None, None)
    assert (kpi.job.job_id, kpi.job.job_type, kpi.job.tenant) == (job.id, "task", "acme")
    assert kpi.job.attempt == 2
    assert kpi.ran == 2 * SECOND
    assert kpi.took == kpi.at - start > 10 * SECOND
    assert QUOTED not in repr(told)


def test_failure_tells_its_reason_and_its_error(bench: Bench, told: list[Kpi]) -> None:
    def perform(_payload: Task) -> Done:
        raise KeyError(QUOTED)

    bench.handle(perform, hooks=[Hooks(on_kpi=told.append)])
    bench.client.enqueue(bench.job_type, Task(text=QUOTED))

    bench.drain()

    (kpi,) = told
    assert (kpi.outcome, kpi.reason) == ("failure", "attempts_exhausted")
    assert kpi.error_type == "KeyError"
    assert QUOTED not in repr(told)


def test_job_that_died_has_no_time_it_ran_for(bench: Bench, told: list[Kpi]) -> None:
    morgue = Morgue(bench, hooks=[Hooks(on_kpi=told.append)])
    morgue.enqueue("die")

    morgue.drain()

    (kpi,) = told
    assert (kpi.outcome, kpi.reason, kpi.ran) == ("failure", "crash_loop", None)
    assert kpi.took > timedelta(0)


@pytest.mark.parametrize("raised", [Discard("no longer wanted"), Snooze(SECOND)])
def test_what_neither_succeeds_nor_fails_is_not_told(
    bench: Bench, told: list[Kpi], raised: Exception
) -> None:
    def perform(_payload: Task) -> Done:
        raise raised

    bench.handle(perform, hooks=[Hooks(on_kpi=told.append)])
    bench.client.enqueue(bench.job_type, Task())

    bench.deliver()

    assert told == []


def test_one_that_raises_is_dropped_and_the_others_are_told(bench: Bench, told: list[Kpi]) -> None:
    def breaks(_kpi: Kpi) -> None:
        raise RuntimeError("hook")

    def perform(_payload: Task) -> Done:
        raise Fail("no")

    bench.handle(perform, hooks=[Hooks(on_kpi=breaks), Hooks(on_kpi=told.append)])
    bench.client.enqueue(bench.job_type, Task())

    bench.deliver()

    assert [kpi.reason for kpi in told] == ["rejected"]
    assert [trouble.event for trouble in bench.telemetry.troubles] == ["hook_failed"]
