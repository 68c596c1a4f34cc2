"""Circuit breakers as a dictionary."""

from threading import Lock

from workerless.flow.breaker import NEW, Breaker
from workerless.frozen import replace


class InMemoryBreakers:
    """Those of one stage."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, Breaker] = {}

    def read(self, name: str) -> Breaker:
        with self._lock:
            return self._kept.get(name, NEW)

    def save(self, name: str, breaker: Breaker) -> bool:
        """True also where it stands there already."""
        new = replace(breaker, version=breaker.version + 1)
        with self._lock:
            if self._kept.get(name, NEW).version == breaker.version:
                self._kept[name] = new
            return self._kept[name] == new
