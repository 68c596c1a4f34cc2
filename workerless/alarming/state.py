"""From points to a state: how many breach, and what becomes of those that are missing.

Source: "How alarm state is evaluated when data is missing" in the user guide of CloudWatch, whose
tables are the tests.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import ge, gt, le, lt

from workerless.alarming.window import Points
from workerless.errors import WorkerlessError


class State(StrEnum):
    """As CloudWatch names them."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Missing(StrEnum):
    """What a missing point is taken as."""

    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"
    IGNORE = "ignore"
    MISSING = "missing"


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": gt,
    "GreaterThanOrEqualToThreshold": ge,
    "LessThanThreshold": lt,
    "LessThanOrEqualToThreshold": le,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Rings when ``datapoints`` of the last ``periods`` are beyond the ``threshold``."""

    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: Missing

    def __post_init__(self) -> None:
        if self.comparison not in _COMPARISONS:
            raise WorkerlessError(
                f"comparison must be one of {', '.join(_COMPARISONS)}, got {self.comparison}"
            )

    def breaks(self, point: float) -> bool:
        return _COMPARISONS[self.comparison](point, self.threshold)


def judge(points: Points, rule: Rule, before: State) -> State:
    """The state after an evaluation that retrieved ``points``, at least ``rule.periods`` of them.

    ``before`` is the state until then.
    """
    real = [point for point in points if point is not None]
    missing = max(rule.periods - len(real), 0)
    breaking = sum(rule.breaks(point) for point in real[-rule.periods :])
    if not missing or rule.missing in (Missing.BREACHING, Missing.NOT_BREACHING):
        filled = missing if rule.missing is Missing.BREACHING else 0
        return State.ALARM if breaking + filled >= rule.datapoints else State.OK
    if breaking >= rule.datapoints:
        return State.ALARM
    if len(real) > breaking:
        return State.OK
    return _of_too_few(points, rule, before)


def _of_too_few(points: Points, rule: Rule, before: State) -> State:
    """All points that there are breach, and there are less than it takes."""
    if rule.missing is Missing.IGNORE:
        return before
    oldest = next((n for n, point in enumerate(points) if point is not None), None)
    if oldest is None:
        return State.INSUFFICIENT_DATA
    # CloudWatch rings early: had the others been there, only good ones could have helped.
    return State.ALARM if len(points) - oldest >= rule.datapoints else before
