"""What concurrency keys cost, in calls of the table, as their page says."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from tests.unit.execution.key_bench import MINUTE, ONE_A_TEXT, KeyBench
from workerless.execution.gate import Gate
from workerless.execution.gating import gates_of
from workerless.flow.concurrency import Concurrency
from workerless.flow_ports import FlowStores

ALONE = Concurrency(1)


class Counted:
    """Notes each call of the stores behind it."""

    def __init__(self, behind: object, calls: Counter[str]) -> None:
        self._behind = behind
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._behind, name)
        if not callable(inner):
            return Counted(inner, self._calls)

        def call(*args: Any, **options: Any) -> Any:
            self._calls[name] += 1
            return inner(*args, **options)

        return call


@dataclass(kw_only=True)
class CountedBench(KeyBench):
    """Counts the calls of all its workers' gates."""

    calls: Counter[str] = field(default_factory=Counter)

    def gates(self) -> tuple[Gate, ...]:
        return gates_of(self.job_type, cast("FlowStores", Counted(self.flow, self.calls)))


@pytest.fixture
def bench() -> Iterator[CountedBench]:
    bench = CountedBench(job_type=replace(ONE_A_TEXT, concurrency_key=ALONE, timeout=2 * MINUTE))
    yield bench
    bench.close()


def test_a_job_that_finds_a_permit_costs_two_calls(bench: CountedBench) -> None:
    bench.enqueue("a")

    bench.deliver(1)

    assert bench.calls - Counter(read_many=1) == Counter(take=1, release=1)


def test_a_job_that_waits_costs_a_dozen_calls_however_long_the_line(bench: CountedBench) -> None:
    jobs = 100
    bench.enqueue(*(str(number) for number in range(jobs)))

    def passes() -> None:
        while bench.queue.next_visible_at(bench.address.queue) == bench.clock.now():
            bench.deliver(1)
        bench.clock.advance(MINUTE)
        bench.meanwhile = passes

    bench.meanwhile = passes
    bench.drain(1, most=2_000)
    looks = bench.events().count("job.waiting")

    del bench.calls["read_many"]  # settings: one each two seconds a worker
    assert len(bench.started) == jobs
    assert looks < jobs * 6  # the line is an hour and a half long
    of_looks = 3 * looks  # take, join, await_one
    assert (bench.calls.total() - of_looks) / jobs <= 8
