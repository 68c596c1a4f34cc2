"""The points that an alarm sees: samples, put together by period and statistic."""

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workerless.alarming.metric import Sample
from workerless.errors import WorkerlessError

# One for each period of a window, the oldest first; None where there is none.
type Points = tuple[float | None, ...]

_MINUTE = 60
_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Average": lambda values: math.fsum(values) / len(values),
    "Maximum": max,
    "Minimum": min,
    "SampleCount": len,
    "Sum": math.fsum,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """``count`` periods of ``period`` seconds each, the first from ``start`` on (epoch seconds)."""

    start: int
    period: int
    count: int

    @classmethod
    def ending(cls, at: float, *, period: int, count: int) -> "Window":
        """The last one that is whole at ``at``.

        Periods of minutes and more end at each minute: CloudWatch's windows slide.
        """
        step = min(period, _MINUTE)
        end = int(at // step * step)
        return cls(start=end - period * count, period=period, count=count)

    @property
    def starts(self) -> tuple[int, ...]:
        return tuple(self.start + self.period * n for n in range(self.count))


def points(samples: Sequence[Sample], statistic: str, window: Window) -> Points:
    """One point for each period in which there is a sample.

    ``statistic`` is Average, Maximum, Minimum, SampleCount, Sum, or a percentile as ``p99.9``
    (the nearest rank). Raises ``WorkerlessError`` for another one.
    """
    taken = _statistic(statistic)
    edges = [
        bisect_left(samples, float(start), key=lambda sample: sample.at)
        for start in (*window.starts, window.start + window.period * window.count)
    ]
    heaps = (samples[a:b] for a, b in pairwise(edges))
    return tuple(taken([one.value for one in heap]) if heap else None for heap in heaps)


def _statistic(name: str) -> Callable[[Sequence[float]], float]:
    if name in _STATISTICS:
        return _STATISTICS[name]
    try:
        share = float(name.removeprefix("p")) / 100
    except ValueError:
        share = -1.0
    if not (name.startswith("p") and 0 <= share <= 1):
        raise WorkerlessError(
            f"statistic must be one of {', '.join(_STATISTICS)} or a percentile as p95, got {name}"
        )
    return lambda values: sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]
