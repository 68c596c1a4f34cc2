"""The stores of flow control of one stage, in memory."""

from workerless.ports import Clock
from workerless.testing.flow.breakers import InMemoryBreakers
from workerless.testing.flow.permits import InMemoryPermits
from workerless.testing.flow.rates import InMemoryRates
from workerless.testing.flow.settings import InMemorySettings


class InMemoryFlow:
    """Those of one stage."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.settings = InMemorySettings()
        self.breakers = InMemoryBreakers()
        self.permits = InMemoryPermits()
        self.rates = InMemoryRates()
