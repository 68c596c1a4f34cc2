"""Jobs that wait in a paused queue: their messages stand in it, and outlive SQS' four days."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.unit.execution.bench import TASK, Bench, Task
from workerless.execution.sweep import Sweeper
from workerless.flow.settings import NO_SETTINGS, Pause
from workerless.limits import QUEUE_RETENTION
from workerless.testing.flow.settings import InMemorySettings

HOUR = timedelta(hours=1)


@dataclass(kw_only=True)
class PausedBench(Bench):
    """A bench whose sweeper knows what is paused."""

    settings: InMemorySettings = field(default_factory=InMemorySettings)

    def _sweeper(self, time_left: timedelta = timedelta(seconds=50)) -> Sweeper:
        return replace(super()._sweeper(time_left), settings=self.settings)

    def pause(self, lane: str | None = None) -> None:
        pause = Pause(by="ops", why="moving", at=self.clock.now(), lane=lane)
        assert self.settings.save(TASK.name, NO_SETTINGS.with_pause(pause))

    def sent_each_hour(self, hours: int) -> Iterator[datetime]:
        """When the sweeper sends another message, looking each minute that a job is due."""
        for _ in range(hours):
            self.clock.advance(HOUR)
            if self.sweep().sent:
                yield self.clock.now()


@pytest.fixture
def bench() -> Iterator[PausedBench]:
    bench = PausedBench()
    bench.handle(lambda task: None)
    yield bench
    bench.close()


def test_a_paused_job_always_has_a_message_and_few_of_them(bench: PausedBench) -> None:
    begin = bench.clock.now()
    bench.pause()
    bench.client.enqueue(TASK, Task())

    sent = [begin, *bench.sent_each_hour(24 * 30)]

    assert all(b - a < QUEUE_RETENTION - HOUR for a, b in pairwise(sent))
    assert len(sent) <= 1 + 2 * 10


def test_a_job_that_is_late_and_not_paused_is_sent_again_by_the_hour(bench: PausedBench) -> None:
    bench.pause(lane="another")
    bench.client.enqueue(TASK, Task())

    assert len(list(bench.sent_each_hour(24))) > 12
