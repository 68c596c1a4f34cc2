"""Members of a batch end in any order, fail, are redriven; whoever looks may die before he acts."""

from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.machines.sizes import NIGHTLY
from workerless.workflow.batch import (
    ON_COMPLETION,
    ON_FIRST_FAILURE,
    ON_SUCCESS,
    BatchControl,
    advance_batch,
    callbacks_made,
    tally,
)
from workerless.workflow.control import Ending
from workerless.workflow.definition import OnFailure
from workerless.workflow.mark import Mark, SlotState

LAW = settings(deadline=None, max_examples=5_000 if NIGHTLY else 200)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL = frozenset({ON_SUCCESS, ON_COMPLETION, ON_FIRST_FAILURE})


class Batch:
    """``jobs`` are the callbacks that were made: what each was told, every time."""

    def __init__(self, seed: int, total: int, on_failure: OnFailure) -> None:
        self.random = Random(seed)
        self.marks = {
            number: Mark(generation=1, state=SlotState.STARTED, at=NOON) for number in range(total)
        }
        self.control = BatchControl(on_failure=on_failure)
        self.jobs: dict[str, list[Any]] = {}

    def end(self, state: SlotState) -> None:
        left = [number for number, mark in self.marks.items() if not mark.has_ended]
        if left:
            number = self.random.choice(left)
            generation = self.marks[number].generation
            self.marks[number] = Mark(generation=generation, state=state, at=NOON)

    def redrive(self) -> None:
        for number, mark in self.marks.items():
            if mark.state is SlotState.FAILED and self.random.random() < 0.5:
                again = mark.generation + 1
                self.marks[number] = Mark(generation=again, state=SlotState.STARTED, at=NOON)

    def look(self, *, dies: float) -> None:
        decision = advance_batch(
            tally(len(self.marks), self.marks.values()),
            self.control,
            is_filled=True,
            callbacks=ALL,
            about={},
        )
        self.control = decision.control or self.control
        for name in decision.fire:
            if self.random.random() < dies:
                return
            self.jobs.setdefault(name, []).append(self.control.fired[name])
        if self.random.random() >= dies:
            self.control = callbacks_made(self.control, decision.fire)

    def play(self) -> None:
        for _ in range(40):
            if self.random.random() < 0.1:
                self.redrive()
            kinds = [
                SlotState.COMPLETED,
                SlotState.COMPLETED,
                SlotState.FAILED,
                SlotState.DISCARDED,
            ]
            self.end(self.random.choice(kinds))
            self.look(dies=0.3)
        while any(not mark.has_ended for mark in self.marks.values()):
            self.end(SlotState.COMPLETED)
        self.look(dies=0)
        self.look(dies=0)


@LAW
@given(st.integers(0, 10**9), st.sampled_from([0, 1, 2, 7]), st.sampled_from(OnFailure))
def test_each_callback_is_one_job_that_is_always_told_the_same(
    seed: int, total: int, on_failure: OnFailure
) -> None:
    batch = Batch(seed, total, on_failure)

    batch.play()

    failed = [mark for mark in batch.marks.values() if mark.state is SlotState.FAILED]
    assert all(told == [told[0]] * len(told) for told in batch.jobs.values())
    assert ON_COMPLETION in batch.jobs
    assert (ON_SUCCESS in batch.jobs) or failed
    assert (ON_FIRST_FAILURE in batch.jobs) or not failed
    assert set(batch.control.made) == set(batch.jobs)


@LAW
@given(st.integers(0, 10**9), st.sampled_from([0, 1, 2, 7]), st.sampled_from(OnFailure))
def test_batch_ends_as_its_members_did_however_they_came_to_it(
    seed: int, total: int, on_failure: OnFailure
) -> None:
    batch = Batch(seed, total, on_failure)

    batch.play()

    failed = any(mark.state is SlotState.FAILED for mark in batch.marks.values())
    bad = Ending.FAILED if on_failure is OnFailure.FAIL else Ending.COMPLETED_WITH_ERRORS
    assert batch.control.state is (bad if failed else Ending.COMPLETED)
