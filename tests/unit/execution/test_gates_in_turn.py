"""Jobs of one batch at a gate, where the handler is async: no start waits for others to ask."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from tests.unit.execution.bench import TASK, Done, Task
from tests.unit.execution.test_gates import Barrier, GatedBench
from workerless.execution.gate import Go
from workerless.testing.memory import FakeClock

SOON = timedelta(seconds=1)


class Yielding(FakeClock):
    """Lets other tasks run while one pauses, as a clock does."""

    async def pause(self, duration: timedelta) -> None:
        until = self.now() + duration
        await asyncio.sleep(0)
        self.sleep(max(until - self.now(), timedelta(0)))


@dataclass(kw_only=True)
class YieldingBench(GatedBench):
    """A bench with such a clock."""

    clock: FakeClock = field(default_factory=Yielding)


@pytest.mark.parametrize("wait", [timedelta(0), SOON], ids=["now", "soon"])
def test_each_job_of_a_batch_starts_before_the_next_one_asks(wait: timedelta) -> None:
    barrier = Barrier(rule=lambda _, runtime: Go(at=runtime.ports.clock.now() + wait))
    bench = YieldingBench(gates=(barrier,))
    started: list[int] = []

    async def perform(task: Task) -> Done:
        started.append(len(barrier.asked))
        return Done(text=task.text)

    bench.handle(perform)
    for number in range(3):
        bench.client.enqueue(TASK, Task(text=str(number)))
    bench.deliver(3)
    bench.close()

    assert started == [1, 2, 3]
