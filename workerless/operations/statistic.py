"""What many jobs tell together. Pure: times in, numbers out.

Percentiles are by nearest rank: the smallest value that at least so many per cent do not exceed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# Of fewer, one job that failed would look like an epidemic.
JUDGED_ABOVE = 10
# Above it something is wrong with all jobs, not with some: the critical alarm rings at the same.
UNHEALTHY_RATIO = 0.1
_MINUTE = timedelta(minutes=1)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Durations in milliseconds; None where there was nothing to measure."""

    avg: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


def spread(durations: Sequence[timedelta]) -> Spread:
    """Mean and percentiles. A negative one, of clocks that disagree, counts as none at all."""
    ordered = sorted(max(one / _MILLISECOND, 0.0) for one in durations)
    if not ordered:
        return Spread()
    return Spread(
        avg=round(math.fsum(ordered) / len(ordered), 3),
        p50=percentile(ordered, 50),
        p95=percentile(ordered, 95),
        p99=percentile(ordered, 99),
    )


def percentile(ordered: Sequence[float], percent: int) -> float:
    """By nearest rank, of at least one value in ascending order; ``percent`` is 1 to 100."""
    return ordered[-(-percent * len(ordered) // 100) - 1]


def per_minute(ends: Sequence[datetime], now: datetime, *, is_all: bool) -> float:
    """How many jobs end a minute: in the last one.

    Where ``ends`` is not all there is and does not reach back that far, at the pace that it shows.
    """
    recent = [end for end in ends if now - end < _MINUTE]
    if is_all or not ends or len(recent) < len(ends):
        return float(len(recent))
    span = max(now - min(ends), _MILLISECOND)
    return round(len(ends) * (_MINUTE / span), 3)


def error_rate(failed: int, ended: int) -> float | None:
    """Which part of the jobs that ended failed, 0 to 1; None of ten or fewer."""
    return round(failed / ended, 4) if ended > JUDGED_ABOVE else None
