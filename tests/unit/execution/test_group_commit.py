"""Ends of attempts that are written together: when, what it saves, and what a death costs."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Bench, Done, Task
from tests.unit.execution.test_faults import Wrapped
from workerless import State
from workerless.errors import StoreUnavailableError
from workerless.execution.group_commit import LONGEST_WAIT
from workerless.transition import Finish


class Ledger:
    """Notes how many ends each call writes; the first ``silent`` calls get no answer."""

    def __init__(self, bench: Bench, silent: int = 0) -> None:
        self.calls: list[int] = []
        self._bench = bench
        self._silent = silent

    def deliver(self, time_left: timedelta | None = None) -> list[str]:
        store = Wrapped(self._bench.store, finish_many=self._finish)
        return self._bench.deliver(store=store, time_left=time_left)

    def _finish(self, finishes: Sequence[Finish]) -> list[bool]:
        self.calls.append(len(finishes))
        if len(self.calls) <= self._silent:
            raise StoreUnavailableError("no answer")
        return self._bench.store.finish_many(finishes)


def handles(bench: Bench, act: Callable[[str], None] = lambda _text: None) -> None:
    """A handler that does what ``act`` does with the job's text."""

    def perform(task: Task) -> Done:
        act(task.text)
        return Done(text=task.text)

    bench.handle(perform)


def enqueue(bench: Bench, *texts: str) -> list[str]:
    return [job.id for job in bench.client.enqueue_many(TASK, [Task(text=one) for one in texts])]


def test_quick_jobs_of_a_batch_are_written_in_one_call(bench: Bench) -> None:
    handles(bench)
    jobs = enqueue(bench, *"abcdefghij")
    ledger = Ledger(bench)

    assert ledger.deliver() == []
    assert ledger.calls == [10]
    assert {bench.record(job).state for job in jobs} == {State.COMPLETED}


def test_nothing_waits_longer_than_a_fifth_of_a_second(bench: Bench) -> None:
    """Each job takes 150 ms: the first is written while the second runs."""
    seen: list[list[State]] = []

    def takes_150_ms(_text: str) -> None:
        bench.clock.advance(timedelta(milliseconds=150))
        seen.append([bench.record(f"job-{number}").state for number in (1, 2, 3)])

    handles(bench, takes_150_ms)
    enqueue(bench, "a", "b", "c")
    ledger = Ledger(bench)
    ledger.deliver()

    running, done = State.PROCESSING, State.COMPLETED
    assert timedelta(milliseconds=150) < LONGEST_WAIT < timedelta(milliseconds=300)
    assert seen == [[running, running, running], [running, running, running], [done, done, running]]
    assert ledger.calls == [2, 1]


def test_long_job_does_not_hold_up_the_one_before(bench: Bench) -> None:
    seen: list[State] = []

    def second_is_long(text: str) -> None:
        if text == "b":
            bench.clock.advance(LONGEST_WAIT)
            seen.append(bench.record("job-1").state)

    handles(bench, second_is_long)
    enqueue(bench, "a", "b")
    Ledger(bench).deliver()

    assert seen == [State.COMPLETED]


def test_failure_is_written_at_once_with_all_that_wait(bench: Bench) -> None:
    def second_fails(text: str) -> None:
        if text == "b":
            raise RuntimeError("no")

    handles(bench, second_fails)
    enqueue(bench, "a", "b", "c")
    ledger = Ledger(bench)

    assert len(ledger.deliver()) == 1
    assert ledger.calls == [2, 1]


def test_job_that_failed_before_starts_only_once_all_is_written(bench: Bench) -> None:
    """It may be one that kills its process."""
    good = bench.client.enqueue(TASK, Task(text="good"), delay=timedelta(seconds=20))
    seen: list[State] = []

    def fails_first(text: str) -> None:
        if text == "bad":
            seen.append(good.status().state)
            if len(seen) == 1:
                raise RuntimeError("no")

    handles(bench, fails_first)
    enqueue(bench, "bad")
    bench.deliver()
    bench.clock.advance(timedelta(seconds=20))
    ledger = Ledger(bench)
    ledger.deliver()

    assert seen == [State.SCHEDULED, State.COMPLETED]
    assert ledger.calls == [1, 1]


@pytest.mark.parametrize("silent", [1, 2])
def test_call_without_an_answer_is_repeated_one_by_one(bench: Bench, silent: int) -> None:
    handles(bench)
    jobs = enqueue(bench, "a", "b", "c")
    ledger = Ledger(bench, silent)

    kept = ledger.deliver()

    assert ledger.calls == [3, 1, 1, 1]
    assert len(kept) == silent - 1
    states = [bench.record(job).state for job in jobs]
    assert states.count(State.COMPLETED) == 4 - silent


def test_store_that_is_down_keeps_every_message(bench: Bench) -> None:
    handles(bench)
    jobs = enqueue(bench, "a", "b", "c", "d")
    ledger = Ledger(bench, silent=99)

    kept = ledger.deliver()

    assert (len(kept), ledger.calls) == (4, [4, 1, 1])
    bench.drain()
    assert {bench.record(job).state for job in jobs} == {State.COMPLETED}


def test_there_is_time_to_write_when_there_is_none_for_another_job(bench: Bench) -> None:
    """One silence of the store must not have ten finished jobs repeated."""

    def last_is_slow(text: str) -> None:
        if text == "j":
            bench.clock.advance(TASK.timeout - timedelta(milliseconds=50))

    handles(bench, last_is_slow)
    jobs = enqueue(bench, *"abcdefghij")
    bench.clock.forget()
    ledger = Ledger(bench, silent=1)

    assert ledger.deliver(time_left=TASK.timeout + timedelta(seconds=5)) == []
    assert {bench.record(job).state for job in jobs} == {State.COMPLETED}


def test_large_results_do_not_wait_for_more(bench: Bench) -> None:
    bench.handle(lambda _task: Done(text="x" * 120_000))
    enqueue(bench, *"abcdefghij")
    ledger = Ledger(bench)

    ledger.deliver()

    assert ledger.calls == [9, 1]


def test_coroutines_are_written_together_too(bench: Bench) -> None:
    async def perform(task: Task) -> Done:
        return Done(text=task.text)

    bench.handle(perform)
    jobs = enqueue(bench, *"abcdefghij")
    ledger = Ledger(bench)

    assert ledger.deliver() == []
    assert ledger.calls == [10]
    assert {bench.record(job).state for job in jobs} == {State.COMPLETED}
