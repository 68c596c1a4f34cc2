"""What all processes of one schedule share: time, the store, the queues, the dice, the history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

from tests.simulation.broker import Broker
from tests.simulation.fault import Faults
from tests.simulation.history import Event, History
from tests.simulation.job import SimulatedType
from tests.simulation.store import ForgetfulStore
from workerless.ports import Due
from workerless.record import Record
from workerless.testing.blobs import InMemoryBlobs
from workerless.testing.clock import START, FakeClock
from workerless.testing.directory import InMemoryDirectory
from workerless.testing.flow.stores import InMemoryFlow
from workerless.testing.flow.unique import InMemoryUniqueStore
from workerless.testing.workflow.containers import InMemoryContainers


@dataclass(slots=True, kw_only=True)
class Ground:
    """One world. Things due at the same time happen in an order drawn from ``rng``.

    ``shown`` is what the index of due jobs last showed, by shard; ``on_order`` is called with the
    body of each order to look at a batch.
    """

    rng: Random
    job_type: SimulatedType
    clock: FakeClock
    store: ForgetfulStore
    blobs: InMemoryBlobs
    flow: InMemoryFlow
    broker: Broker
    faults: Faults
    history: History
    shown: dict[int, Sequence[Due]] = field(default_factory=dict)
    containers: InMemoryContainers = field(init=False)
    on_order: Callable[[str], None] = field(default=lambda body: None)
    unique: InMemoryUniqueStore = field(init=False)
    _agenda: list[tuple[datetime, float, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.unique = InMemoryUniqueStore(self.store)
        self.containers = self.store.containers

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def directory(self) -> InMemoryDirectory:
        """What is deployed: one job type, with its lanes."""
        directory = InMemoryDirectory()
        directory.add(self.job_type.name, lanes=self.job_type.lanes)
        return directory

    def tell(self, event: Event) -> None:
        self.history.events.append(((self.now - START).total_seconds(), event))

    def record(self, job_id: str) -> Record | None:
        return self.store.get_many([job_id])[0]

    def number(self) -> int:
        """A number nobody has had."""
        return next(self._numbers)

    def after(self, delay: timedelta, action: Callable[[], None]) -> None:
        """Have ``action`` happen once ``delay`` has passed."""
        entry = (self.now + delay, self.rng.random(), self.number(), action)
        heappush(self._agenda, entry)

    def next_at(self) -> datetime | None:
        return self._agenda[0][0] if self._agenda else None

    def do_next(self) -> None:
        """Move to the next thing on the agenda, and have it happen."""
        at, _, _, action = heappop(self._agenda)
        self.advance_to(at)
        action()

    def advance_to(self, at: datetime) -> None:
        self.clock.advance(max(at - self.now, timedelta(0)))
