"""How long jobs took, as counts of a few hundred buckets that can be added up. Pure.

Each bucket is two per cent wider than the one before, so a percentile is right to one per cent,
whatever the durations are; percentiles of hours could not be made into those of a day.
Source: Masson, Rim, Lee, DDSketch, VLDB 2019, section 2.
"""

import math
from collections.abc import Mapping
from datetime import timedelta

_GROWTH = 1.02
_MILLISECOND = timedelta(milliseconds=1)


def bucket(duration: timedelta) -> int:
    """The bucket of a duration; 0 for a millisecond or less."""
    return math.ceil(math.log(max(duration / _MILLISECOND, 1.0), _GROWTH))


def percentile_ms(buckets: Mapping[int, int], percent: int) -> float | None:
    """By nearest rank, in milliseconds, right to one per cent; None of no durations.

    ``buckets`` are how many durations each has; ``percent`` is 1 to 100.
    """
    rank = -(-percent * sum(buckets.values()) // 100)
    reached = 0
    for number in sorted(buckets):
        reached += buckets[number]
        if reached >= rank:
            return 2 * _GROWTH**number / (1 + _GROWTH)
    return None
