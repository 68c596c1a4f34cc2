"""A whole worker in memory: client, queue, worker and store on one virtual clock."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from tests.unit.execution.unreliable import UnreliableBlobs
from workerless import Fixed, Hooks, JobType, Payload, Result
from workerless.client import Client
from workerless.due import SHARDS
from workerless.execution.letter_step import Deed
from workerless.execution.letter_sweep import sweep_letters
from workerless.execution.marking import Marking
from workerless.execution.runtime import Ports
from workerless.execution.sweep import Sweeper, Swept, sweep
from workerless.orders import Orders
from workerless.ports import Outgoing, Store
from workerless.record import Record
from workerless.testing.flow.unique import InMemoryUniqueStore
from workerless.testing.memory import (
    FakeClock,
    InMemoryDirectory,
    InMemoryQueue,
    InMemoryStore,
    RecordingTelemetry,
)
from workerless.worker import Worker, worker
from workerless.workflow_ports import ContainerStore


class Task(Payload):
    """What a test has done."""

    text: str = ""


class Done(Result):
    """What came of it."""

    text: str


TASK = JobType(
    name="task",
    payload=Task,
    result=Done,
    retry=Fixed(attempts=3, delay=timedelta(seconds=10)),
    timeout=timedelta(seconds=5),
    batch_size=10,
)

ORDERS = "workflows"


@dataclass(kw_only=True)
class Bench:
    """``deliver`` is one Lambda invocation; ``drain`` plays time and Lambda until all is quiet."""

    job_type: JobType[Any, Any] = TASK
    clock: FakeClock = field(default_factory=FakeClock)
    telemetry: RecordingTelemetry = field(default_factory=RecordingTelemetry)
    worker: Worker | None = None
    tokens: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        records = InMemoryStore(self.clock)
        self.store: Store = records
        self.containers: ContainerStore = records.containers
        self.unique = InMemoryUniqueStore(records)
        self.queue = InMemoryQueue(self.clock, visibility=self.job_type.visibility_timeout)
        self.blobs = UnreliableBlobs(self.clock)
        self.directory = InMemoryDirectory([self.job_type.name])
        self.address = self.directory.find(self.job_type.name)
        self.queue.redrive(
            self.address.queue,
            dead_letters=self.address.dead_letters,
            max_receives=self.job_type.max_receive_count,
        )
        self.connect()

    def connect(self) -> None:
        """Have a client of the ports that are there now."""
        ids = count(1)
        self.client = Client(
            store=self.store,
            unique=self.unique,
            queue=self.queue,
            blobs=self.blobs,
            directory=self.directory,
            clock=self.clock,
            new_id=lambda: f"job-{next(ids)}",
        )

    def handle(self, perform: Callable[..., Any], hooks: Sequence[Hooks] = ()) -> None:
        """Have ``perform`` do the work from now on, as a new execution environment would."""
        self.close()
        self.worker = worker(self.job_type, hooks=hooks)(perform)

    def close(self) -> None:
        if self.worker is not None:
            self.worker.close()

    def ports(self, store: Store | None = None) -> Ports:
        return Ports(
            store=store or self.store,
            queue=self.queue,
            blobs=self.blobs,
            clock=self.clock,
            telemetry=self.telemetry,
            rng=Random(7),
            new_token=lambda: f"token-{next(self.tokens)}",
            queue_address=self.address.queue,
            dead_letters=self.address.dead_letters,
            marking=lambda: Marking(
                containers=self.containers, orders=Orders(queue=self.queue, address=ORDERS)
            ),
        )

    def orders(self) -> list[str]:
        """The containers that the orchestrator was told of, as its messages say it."""
        return [message.body for message in self.queue.messages(ORDERS)]

    def deliver(
        self, limit: int = 10, *, time_left: timedelta | None = None, store: Store | None = None
    ) -> list[str]:
        """One invocation with what is visible; the message ids that were kept."""
        records = self.queue.deliver(self.address.queue, limit)
        assert self.worker is not None
        response = self.worker.run(
            records, self.ports(store), time_left or self.job_type.function_timeout
        )
        kept = [failure["itemIdentifier"] for failure in response["batchItemFailures"]]
        for record in records:
            if record["messageId"] not in kept:
                self.queue.acknowledge(self.address.queue, record["receiptHandle"])
        return kept

    def drain(self, limit: int = 10, *, most: int = 400) -> int:
        """Deliver and sweep until no job waits, the clock moving on. How many invocations."""
        invocations = 0
        for _ in range(most):
            message, due = self.queue.next_visible_at(self.address.queue), self.next_due_at()
            if message is None and due is None:
                return invocations
            at = min(one for one in (message, due) if one is not None)
            self.clock.advance(max(at - self.clock.now(), timedelta(0)))
            if at == message:
                self.deliver(limit)
                invocations += 1
            else:
                self.sweep()
        raise AssertionError(f"still busy after {most} steps")

    def next_due_at(self) -> datetime | None:
        """When the sweeper would next find something."""
        far = self.clock.now() + timedelta(days=10_000)
        found = [
            due.at for shard in range(SHARDS) for due in self.store.due(shard, before=far, limit=1)
        ]
        return min(found, default=None)

    def sweep(self) -> Swept:
        """One run of the sweeper over all shards."""
        return sum((sweep(shard, self._sweeper()) for shard in range(SHARDS)), Swept())

    def sweep_letters(self, time_left: timedelta = timedelta(seconds=50)) -> Counter[Deed]:
        """The same over the dead letters."""
        return sweep_letters(self.address, self._sweeper(time_left))

    def _sweeper(self, time_left: timedelta = timedelta(seconds=50)) -> Sweeper:
        return Sweeper(
            store=self.store,
            queue=self.queue,
            blobs=self.blobs,
            directory=self.directory,
            clock=self.clock,
            telemetry=self.telemetry,
            until=self.clock.now() + time_left,
        )

    def send(self, body: str) -> None:
        """What any program could put into the queue."""
        assert self.queue.send_many(self.address.queue, [Outgoing(body=body)]) == [None]

    def record(self, job_id: str) -> Record:
        (record,) = self.store.get_many([job_id])
        assert record is not None
        return record

    def dead_letters(self) -> list[Outgoing]:
        return self.queue.messages(self.address.dead_letters)

    def events(self) -> list[str]:
        return [str(line["event"]) for line in self.telemetry.transitions]
