"""Rate limiters in memory: the law of ``flow.pacing`` under a lock."""

from threading import Lock

from workerless.flow.pacing import Ask, Stand, Step, may, stepped
from workerless.flow_ports import Stepped


class InMemoryRates:
    """Limiters by name. ``writes`` counts what a table would bill."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stands: dict[str, Stand] = {}
        self.writes = 0

    def take(self, limiter: str, step: Step, ask: Ask) -> Stepped:
        with self._lock:
            self.writes += 1
            stand = self._stands.get(limiter)
            if not may(stand, step, ask):
                return Stepped(is_done=False, stand=stand)
            after = self._stands[limiter] = stepped(stand, step, ask)
            return Stepped(is_done=True, stand=after)

    def stand(self, limiter: str) -> Stand | None:
        """How it stands; None where nobody has asked."""
        return self._stands.get(limiter)
