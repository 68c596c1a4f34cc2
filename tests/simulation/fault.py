"""What can go wrong at a step, how often, and for how long altogether."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Fault(StrEnum):
    """One thing going wrong. The first seven may strike any call over the network."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    REFUSED = "throttled"  # no effect, and the caller is told
    LOST = "answer lost"  # done, and the caller is told that it was not
    REPEATED = "answer lost, repeated"  # done, and done again by the SDK
    SLOW_BEFORE = "slow before"
    SLOW_AFTER = "slow after"
    PARTIAL = "partial batch"
    DUPLICATED = "duplicate delivery"
    BURNT = "throttled receive"
    UNDELETED = "delete lost"
    LATE = "late delete"
    ZOMBIE = "outlives its timeout"
    BEHIND = "an index behind"


CALL = (
    Fault.CRASH_BEFORE,
    Fault.CRASH_AFTER,
    Fault.REFUSED,
    Fault.LOST,
    Fault.REPEATED,
    Fault.SLOW_BEFORE,
    Fault.SLOW_AFTER,
)


@dataclass(slots=True, kw_only=True)
class Faults:
    """Draws faults until ``budget`` are spent. ``cells`` counts them by step."""

    rng: Random
    rates: Mapping[Fault, float]
    budget: int
    cells: Counter[tuple[str, str]]

    def draw(self, step: str, kinds: tuple[Fault, ...]) -> Fault | None:
        """A fault of these kinds, or none, at this step."""
        if self.budget <= 0:
            return None
        for kind in kinds:
            if self.rng.random() < self.rates[kind]:
                self.budget -= 1
                self.cells[step, kind] += 1
                return kind
        return None
