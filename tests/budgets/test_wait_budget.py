"""What it costs to wait for an event."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from moto import mock_aws

from tests.budgets.conftest import MeteredBench
from tests.unit.execution.approving import Approval
from tests.unit.execution.bench import Done, Task
from workerless.aws.events import DynamoEvents
from workerless.aws.table import Table
from workerless.eventing import Post
from workerless.execution.context import JobContext
from workerless.execution.runtime import Ports
from workerless.frozen import replace
from workerless.ports import Store

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class WaitingBench(MeteredBench):
    """Whose jobs may wait."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.kept = DynamoEvents(Table(self.dynamodb, self.table, self.clock), self.clock)

    def ports(self, store: Store | None = None) -> Ports:
        return replace(super().ports(store), events=lambda: self.kept)

    def cost(self, work: Callable[[], object]) -> tuple[int, int]:
        """Writes, and their units."""
        before, units = Counter(self.meter.requests), self.meter.units
        work()
        made = self.meter.requests - before
        return made["UpdateItem"] + made["PutItem"], self.meter.units - units

    def post(self) -> Post:
        return Post(
            store=self.store,
            events=self.kept,
            queue=self.queue,
            directory=self.directory,
            clock=self.clock,
        )


@pytest.fixture
def bench() -> Iterator[WaitingBench]:
    with mock_aws():
        bench = WaitingBench()
        yield bench
        bench.leave()


def perform(_: Task, job: JobContext) -> Done:
    word = job.wait_for("word", Approval, timeout=24 * HOUR)
    return Done(text=word.by if word else "")


def test_wait_costs_four_writes_and_an_event_two(bench: WaitingBench) -> None:
    bench.handle(perform)
    job = bench.client.enqueue(bench.job_type, Task())
    bench.clock.advance(SECOND)

    begins = bench.cost(bench.deliver)
    bench.clock.advance(HOUR)
    event = bench.cost(lambda: bench.post().send(job.id, "word", Approval(by="grace")))
    bench.clock.advance(SECOND)
    ends = bench.cost(bench.deliver)

    assert job.status().result == Done(text="grace")
    # Claim, note and end; the event and the record that is told; claim, note and end.
    assert (begins[0], event[0], ends[0]) == (3, 2, 3)
    # Parked, it moves twice in the index, and the end takes it out.
    assert (begins[1], event[1], ends[1]) == (5, 4, 5)
