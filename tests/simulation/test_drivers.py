"""Bulk operations under drivers that overlap, fail and die after any call."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.simulation.drivers import Schedule, broken
from workerless.ledger import Operation, Stand
from workerless.operations import chunk, driver
from workerless.operations.chunk import settled
from workerless.operations.outcome import Outcome, Result
from workerless.record import Record
from workerless.states import State
from workerless.testing.ledger import InMemoryLedger

_SCHEDULES = int(os.environ.get("BULK_SCHEDULES", "60"))


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two dozen jobs, several steps."""
    monkeypatch.setattr(chunk, "STEP", 4)


def test_no_job_is_lost_or_retried_twice_and_the_counts_are_right() -> None:
    for seed in range(_SCHEDULES):
        schedule = Schedule(seed)

        operation = schedule.run()

        assert broken(schedule, operation) == [], f"seed {seed}"


def _forgets_whose_work_it_is(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(chunk, "_is_done", lambda *_: False)


def _saves_over_others(patch: pytest.MonkeyPatch) -> None:
    kept = InMemoryLedger.save

    def save(self: InMemoryLedger, operation: Any) -> bool:
        version = self.operation(operation.operation_id).version
        return kept(self, replace(operation, version=version))

    patch.setattr(InMemoryLedger, "save", save)


def _counts_without_doing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(chunk, "retry_many", lambda seen, desk, *, by: _done(seen))


def _done(seen: Sequence[Record]) -> list[Outcome]:
    return [Outcome(job_id=record.job_id, result=Result.DONE) for record in seen]


def _takes_what_failed_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(chunk, "_is_meant", lambda _, __, record: record.state is State.FAILED)
    patch.setattr(chunk, "_is_done", lambda *_: False)


def _loses_what_an_abort_interrupted(patch: pytest.MonkeyPatch) -> None:
    def uncounted(operation: Operation, outcomes: Sequence[Outcome]) -> Operation:
        counted = settled(operation, outcomes)
        return (
            counted
            if operation.stand is Stand.RUNNING
            else replace(counted, counts=operation.counts)
        )

    patch.setattr(driver, "settled", uncounted)


@pytest.mark.parametrize(
    "mutate",
    [
        _forgets_whose_work_it_is,
        _saves_over_others,
        _counts_without_doing,
        _takes_what_failed_again,
        _loses_what_an_abort_interrupted,
    ],
)
def test_what_is_broken_is_found(
    mutate: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)

    assert any(_is_found(seed) for seed in range(200))


def _is_found(seed: int) -> bool:
    schedule = Schedule(seed)
    return bool(broken(schedule, schedule.run()))
