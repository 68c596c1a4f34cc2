"""The stores of flow control of one stage, in memory."""

from workerless.ports import Clock, Store
from workerless.testing.flow.breakers import InMemoryBreakers
from workerless.testing.flow.permits import InMemoryPermits
from workerless.testing.flow.rates import InMemoryRates
from workerless.testing.flow.settings import InMemorySettings
from workerless.testing.store import InMemoryStore


class InMemoryFlow:
    """Those of one stage, beside its records: a store of its own where nobody looks at these."""

    def __init__(self, clock: Clock, jobs: Store | None = None) -> None:
        self._clock = clock
        self.jobs = jobs or InMemoryStore(clock)
        self.settings = InMemorySettings()
        self.breakers = InMemoryBreakers()
        self.permits = InMemoryPermits()
        self.rates = InMemoryRates()
